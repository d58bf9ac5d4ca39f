"""What the operator keeps running: the state of the installation, and who is let in to its offices."""
