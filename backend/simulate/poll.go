package simulate

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"
)

const jsonType = "application/json; charset=utf-8"

func pollFeeds() []feed {
	const conditional = "ETag and Last-Modified; 304 when nothing has happened. ?age=SECONDS to be asked more often."
	return []feed{
		{
			"/poll/usgs", Poll, "application/geo+json; charset=utf-8", "Earthquakes as GeoJSON, newest first; magnitudes may be null, and are revised.",
			conditional + " Items: features.", (*Server).quakeID, (*Server).serveQuakes,
		},
		{
			"/poll/github", Poll, jsonType, "Events of repositories, newest first.",
			conditional + " X-Poll-Interval says how often to ask.", numericID(firstGitHub), (*Server).serveGitHub,
		},
		{
			"/poll/openmeteo", Poll, jsonType, "The weather now: one document, a new reading with each event.",
			"Changed when current.time has.", (*Server).readingID, (*Server).serveWeather,
		},
		{
			"/poll/espn", Poll, jsonType, "A scoreboard: one minute of one match with each event.",
			"Items: events, always the same few, changing.", (*Server).boardID, (*Server).serveScoreboard,
		},
	}
}

// quakeID is the quake that event n reports or, for one in five, revises.
func (s *Server) quakeID(n uint64) string {
	return fmt.Sprintf("sim%x%06d", s.seed&0xfff, firstQuake(n))
}

func firstQuake(n uint64) uint64 {
	if n%5 == 4 {
		return n - 2
	}
	return n
}

func (s *Server) serveQuakes(x *exchange) {
	head := s.tape.head()
	features := []any{}
	seen := map[uint64]bool{}
	for _, n := range newest(head) {
		if first := firstQuake(n); !seen[first] {
			seen[first] = true
			features = append(features, s.quake(first, n))
		}
	}
	x.cacheFor(60)
	s.document(x, head, encode(map[string]any{
		"type":     "FeatureCollection",
		"metadata": map[string]any{"generated": s.tape.at(head).UnixMilli(), "title": "Simulated Earthquakes, Past Hour", "status": 200, "count": len(features)},
		"features": features,
	}))
}

// quake is the one that event first reported, as event n left it.
func (s *Server) quake(first, n uint64) map[string]any {
	r := dice(s.seed, "quake", first)
	place := fmt.Sprintf("%d km NW of %s", 2+r.IntN(90), pick(r, towns))
	longitude, latitude, depth := decimal(r.Float64()*360-180), decimal(r.Float64()*180-90), decimal(r.Float64()*80)
	// The first report may come before its magnitude.
	var magnitude any
	if first != n || r.IntN(6) != 0 {
		magnitude = decimal(0.5 + r.ExpFloat64() + float64(n-first)*0.1)
	}
	return map[string]any{
		"type": "Feature", "id": s.quakeID(first), "geometry": map[string]any{"type": "Point", "coordinates": []any{longitude, latitude, depth}},
		"properties": map[string]any{
			"mag": magnitude, "place": place, "time": s.tape.at(first).UnixMilli(), "updated": s.tape.at(n).UnixMilli(), "url": "https://example.com/quakes/" + s.quakeID(first),
			"alert": nil, "tsunami": 0, "sig": r.IntN(600), "status": "automatic", "type": "earthquake", "title": place,
		},
	}
}

const firstGitHub = 30_000_000_000

func (s *Server) serveGitHub(x *exchange) {
	head := s.tape.head()
	events := []any{}
	for _, n := range newest(head) {
		r := dice(s.seed, "github", n)
		user := pick(r, familyNames)
		repo := user + "/" + pick(r, services)
		events = append(events, map[string]any{
			"id": strconv.FormatUint(firstGitHub+n, 10), "type": pick(r, []string{"PushEvent", "WatchEvent", "IssuesEvent", "ReleaseEvent"}), "public": true,
			"actor": map[string]any{"id": r.IntN(90000), "login": user}, "repo": map[string]any{"id": r.IntN(90000), "name": repo, "url": "https://example.com/" + url.PathEscape(repo)},
			"payload": map[string]any{}, "created_at": s.tape.at(n).UTC().Truncate(time.Second),
		})
	}
	x.Header().Set("X-Poll-Interval", strconv.Itoa(x.cacheFor(60)))
	s.document(x, head, encode(events))
}

// readingID is the time of a reading. Readings are 15 minutes apart, however fast they come.
func (s *Server) readingID(n uint64) string {
	return firstStep.Truncate(time.Hour).Add(time.Duration(n) * 15 * time.Minute).Format("2006-01-02T15:04")
}

func (s *Server) serveWeather(x *exchange) {
	head := s.tape.head()
	n := max(head, 1) - 1
	s.document(x, head, encode(map[string]any{
		"latitude": jsonNumber("52.52"), "longitude": jsonNumber("13.41"), "elevation": 38, "timezone": "GMT",
		"current_units": map[string]string{"time": "iso8601", "interval": "seconds", "temperature_2m": "°C", "wind_speed_10m": "km/h"},
		"current": map[string]any{
			"time": s.readingID(n), "interval": 900,
			"temperature_2m": decimal(11 + walk(s.seed, "temperature", n)/20), "wind_speed_10m": decimal(max(0, 14+walk(s.seed, "wind", n)/10)),
		},
	}))
}

// boardID is the match that event n moves on.
func (s *Server) boardID(n uint64) string { return matchAt(s.seed, n).ID }

func (s *Server) serveScoreboard(x *exchange) {
	head := s.tape.head()
	events := []any{}
	// The last event of each pitch, in the order of the pitches.
	numbers := newest(head)[:min(pitches, int(head))]
	slices.SortFunc(numbers, func(a, b uint64) int { return int(a%pitches) - int(b%pitches) })
	for _, n := range numbers {
		events = append(events, scoreboardEntry(matchAt(s.seed, n)))
	}
	x.cacheFor(10)
	s.document(x, head, encode(map[string]any{"leagues": []any{map[string]string{"name": "Simulated League"}}, "events": events}))
}

func scoreboardEntry(m match) map[string]any {
	state := "in"
	if m.State == "full time" {
		state = "post"
	}
	side := func(where, team string, goals int) map[string]any {
		return map[string]any{
			"homeAway": where, "score": strconv.Itoa(goals),
			"team": map[string]string{"abbreviation": abbreviation(team), "displayName": team},
		}
	}
	clock := fmt.Sprintf("%d'", m.Minute)
	return map[string]any{
		"id": m.ID, "name": m.Away + " at " + m.Home, "shortName": abbreviation(m.Away) + " @ " + abbreviation(m.Home),
		"competitions": []any{map[string]any{"id": m.ID, "competitors": []any{side("home", m.Home, m.Goals[0]), side("away", m.Away, m.Goals[1])}}},
		"status":       map[string]any{"period": 1 + m.Minute/46, "displayClock": clock, "type": map[string]string{"state": state, "shortDetail": clock}},
	}
}
