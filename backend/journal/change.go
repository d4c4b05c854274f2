package journal

import (
	"context"
	"database/sql"
	"fmt"
)

// change is something that the writer does between two batches.
type change struct {
	do   func(context.Context, *sql.Tx) (then func(), err error)
	done chan error
}

// change has the writer do something in a transaction of its own, and waits
// until that is durable. then, if not nil, is called once it is.
func (j *Journal) change(ctx context.Context, do func(context.Context, *sql.Tx) (then func(), err error)) error {
	c := change{do, make(chan error, 1)}
	select {
	case j.changes <- c:
	case <-j.closed:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	return <-c.done
}

// change is Journal.change on the writer's goroutine.
func (w *writer) change(ctx context.Context, do func(context.Context, *sql.Tx) (then func(), err error)) error {
	ctx = context.WithoutCancel(ctx) // it was accepted
	tx, err := w.j.write.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // after Commit it does nothing
	then, err := do(ctx, tx)
	if err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	if then != nil {
		then()
	}
	return nil
}
