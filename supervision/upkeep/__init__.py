"""What those who run Rundan do by command: back up, restore, check."""
