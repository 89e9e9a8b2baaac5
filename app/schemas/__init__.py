"""What requests and messages must look like: schemas, and fast acceptors for hot routes."""
