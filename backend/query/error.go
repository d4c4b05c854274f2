package query

// Error says where a query can't be understood, and what was expected there.
type Error struct {
	// Pos and End bound the part in question, in characters (not bytes), from 0.
	Pos, End int

	// Message is a sentence for the person who wrote the query.
	Message string
}

func (e *Error) Error() string { return e.Message }
