"""Mail, written in the same transaction as the change it tells of, sent by the jobs process."""
