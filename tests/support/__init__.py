"""What tests of several rungs share: doubles, clients, small libraries of policies, waiting."""
