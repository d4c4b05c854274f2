package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Heard is when the newest durable event of a feed was received; the zero time
// if there is none.
func (j *Journal) Heard(ctx context.Context, feed string) (time.Time, error) {
	var at int64
	err := j.read.QueryRowContext(ctx, `SELECT received_at FROM events WHERE feed = ? ORDER BY seq DESC LIMIT 1`, feed).Scan(&at)
	if errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("read when %s was last heard: %w", feed, err)
	}
	return time.UnixMicro(at).UTC(), nil
}
