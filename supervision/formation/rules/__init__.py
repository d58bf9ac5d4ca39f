"""Rules of forming groups: what is given, what a plan is, when it is sound and how far wishes are met. Pure."""
