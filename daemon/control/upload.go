package control

import (
	"context"
	"errors"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/saccade-dev/saccade/features/model"
)

// uploadTimeout is how long a part may take: the last one until all is stored.
const uploadTimeout = time.Minute

// Uploaded is the answer to an [UploadRequest].
type Uploaded struct {
	Upload string `json:"upload"`
	// Received is how many bytes are here, which is the offset of the next part.
	Received int64  `json:"received"`
	Size     int64  `json:"size"`
	Stored   bool   `json:"stored"` // all of it, under the name
	Bucket   string `json:"bucket"`
	Name     string `json:"name"`
	Digest   string `json:"digest"`
}

func (c *Control) upload(ctx context.Context, r *UploadRequest, answer *nats.Msg) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(c.ending, cancel)() // a daemon that stops waits for no disk
	received, stored, err := c.takePart(ctx, r)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return refuse(codeLate, "upload %s: the object store has not taken the model in %v", r.Upload, uploadTimeout)
	case err != nil:
		return err
	}
	return c.encode(answer, Uploaded{
		Upload: r.Upload, Received: received, Size: r.Size, Stored: stored, Bucket: ModelBucket(c.prefix), Name: r.Name, Digest: r.Digest,
	})
}

// takePart takes a part, and stores the model with the last one.
func (c *Control) takePart(ctx context.Context, r *UploadRequest) (received int64, stored bool, err error) {
	if !c.uploads.has(r.Upload) {
		if stored, err = c.admit(ctx, r); err != nil || stored {
			return r.Size, stored, err
		}
		if err := c.uploads.begin(r); err != nil {
			return 0, false, err
		}
	}
	received, whole, err := c.uploads.add(r)
	if whole == nil {
		return received, false, err
	}
	defer c.uploads.end(r.Upload)
	if err := c.keep(ctx, r, whole); err != nil {
		return 0, false, err
	}
	return received, true, nil
}

// admit tells what is against a model, before any of it is held. It is stored where its name has it already: the
// last part again, whose answer was lost, or the same file once more.
func (c *Control) admit(ctx context.Context, r *UploadRequest) (stored bool, err error) {
	s, err := openModels(ctx, c.nc, c.prefix, c.copies)
	if err != nil {
		return false, err
	}
	there, err := s.find(ctx, r.Name)
	if err != nil {
		return false, err
	}
	again := there.digest == r.Digest
	switch {
	case again && (r.Offset > 0 || !r.Replace): // to replace it by itself mends what is damaged
		return true, nil
	case r.Offset > 0:
		return false, noUpload(r)
	}
	if err := there.replaced(r, s.Name); err != nil {
		return false, err
	}
	return false, s.room(ctx, r.Size)
}

// keep checks a model of which all is here, and stores it.
func (c *Control) keep(ctx context.Context, r *UploadRequest, data []byte) error {
	select {
	case c.loading <- struct{}{}:
		defer func() { <-c.loading }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if digest := digestOf(data); digest != r.Digest {
		return refuse(codeConflict, "%s: expected digest %s, found %s: it is damaged, or another one than was announced", r.Name, r.Digest, digest)
	}
	if err := new(model.Model).UnmarshalBinary(data); err != nil {
		return refuse(codeConflict, "%s: %v", r.Name, err)
	}
	s, err := openModels(ctx, c.nc, c.prefix, c.copies)
	if err != nil {
		return err
	}
	there, err := s.find(ctx, r.Name)
	if err != nil {
		return err
	}
	if there.digest != r.Digest { // stored meanwhile by another upload, which may be
		if err := there.replaced(r, s.Name); err != nil {
			return err
		}
	}
	if err := s.room(ctx, r.Size); err != nil {
		return err
	}
	left, err := s.put(ctx, r, data, there)
	if err != nil {
		return err
	}
	if left != nil {
		c.log.Warn("parts of a model that was replaced stay in the object store", "bucket", s.Name, "name", r.Name, "error", left)
	}
	c.log.Info("a model was stored", "bucket", s.Name, "name", r.Name, "bytes", r.Size, "digest", r.Digest)
	return nil
}
