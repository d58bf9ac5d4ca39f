"""A participant's own certificate of hours. Nobody else gets one from us, least of all a manager."""
