"""Mail: to a mail server by SMTP, or to the local mailbox of a desk that is being tried out."""
