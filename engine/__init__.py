"""What runs inside the Rasa process: understanding, rules and the way in, and nothing that meets a stranger."""
