"""Cover (avlastning): a member asks the organisation's planner for someone who stands in, for one date."""
