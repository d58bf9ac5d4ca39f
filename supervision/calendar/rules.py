"""How often a calendar address is read, and which dates it holds."""

FEED_READS_FREE = 30  # our choice, in 15 minutes: a person's phone, computer and a calendar service, each trying again
UNKNOWN_READS_FREE = 20  # our choice, in 15 minutes from one network address: what is guessed is never known
DAYS_BACK = 31  # our choice: a calendar keeps the last month; older dates stand in Rundan
