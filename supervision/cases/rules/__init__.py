"""Pure decisions about cases: de-identification, whose turn it is, and the states of a case."""
