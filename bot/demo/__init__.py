"""A week at the desk, invented: to look at, to learn on, to take pictures of. The stories are data, and name no company."""
