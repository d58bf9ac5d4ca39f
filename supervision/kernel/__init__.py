"""Words every feature shares: pure, without Flask, without a database."""
