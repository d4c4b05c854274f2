package simulate

import (
	"fmt"
	"strings"
)

const ndjson = "application/x-ndjson"

func ndjsonFeeds() []feed {
	return []feed{
		{
			"/ndjson/lichess", NDJSON, ndjson, "A game of chess: featured, then each position.",
			"No resume.", (*Server).lichessID, (*Server).serveLichess,
		},
		{
			"/ndjson/ntfy", NDJSON, ndjson, "Messages of a topic, as lines.",
			"?since=ID, a Unix time, a duration, all or latest; ?poll=1 ends the answer after what there is.", (*Server).ntfyID, (*Server).serveNtfyJSON,
		},
	}
}

// gameMoves is how many positions a game has, after the line that features it.
const gameMoves = 60

// lichessID is a game and a half-move: these lines have no id of their own.
func (s *Server) lichessID(n uint64) string {
	return fmt.Sprintf("%s-%d", s.gameID(n), n%(gameMoves+1))
}

func (s *Server) gameID(n uint64) string {
	return fmt.Sprintf("g%07x", dice(s.seed, "game", n/(gameMoves+1)).Uint32N(1<<28))
}

func (s *Server) serveLichess(x *exchange) {
	s.stream(x, s.tape.head(), answer{
		event: func(n uint64) []byte { return x.line(n, encode(s.position(n))) },
		idle:  func() []byte { return []byte("\n") },
	})
}

// position is a line of the feed. The positions are random: chess players look away.
func (s *Server) position(n uint64) map[string]any {
	move, r := n%(gameMoves+1), dice(s.seed, "lichess", n)
	fen := scatter(r.IntN)
	if move == 0 {
		player := func(colour string) map[string]any {
			return map[string]any{"color": colour, "user": map[string]string{"name": pick(r, givenNames)}, "rating": 2200 + r.IntN(600), "seconds": 180}
		}
		return map[string]any{"t": "featured", "d": map[string]any{
			"id": s.gameID(n), "orientation": "white", "players": []any{player("white"), player("black")}, "fen": fen,
		}}
	}
	square := func() string { return string([]byte{'a' + byte(r.IntN(8)), '1' + byte(r.IntN(8))}) }
	return map[string]any{"t": "fen", "d": map[string]any{"fen": fen, "lm": square() + square(), "wc": 180 - move, "bc": 179 - move}}
}

// scatter puts one piece or none on each rank.
func scatter(intN func(int) int) string {
	ranks := make([]string, 8)
	for i := range ranks {
		left := intN(8)
		ranks[i] = "8"
		if left > 0 && left < 7 {
			ranks[i] = fmt.Sprintf("%d%c%d", left, "kqrbnpKQRBNP"[intN(12)], 7-left)
		}
	}
	return strings.Join(ranks, "/") + " w"
}
