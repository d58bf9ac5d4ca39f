"""Cases and dilemmas, de-identification and whose turn it is."""
