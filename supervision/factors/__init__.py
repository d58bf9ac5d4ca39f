"""The second step of signing in: one-time passwords, recovery codes and passkeys."""
