"""What is wrong with an installation, in sentences: it only looks, and changes nothing."""
