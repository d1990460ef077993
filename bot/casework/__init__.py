"""What staff do with cases: each act checked against the person's permissions, done in one transaction and recorded in it."""
