package control

import (
	"context"
	"sync"
	"time"
)

// Bounds of the models that are on their way. Whoever may upload at all can fill neither the memory with them
// nor, by beginning many and ending none, keep it filled.
const (
	// maxUploads is how many may be open at a time. Each is one person's or one script's.
	maxUploads = 4
	// maxUploading is how many bytes all that are open may have, as they were announced: one of the largest, or
	// several of usual size.
	maxUploading = MaxModel
	// uploadIdle is for how long one is held that is not continued: longer than a sender takes to repeat a part
	// that was not answered.
	uploadIdle = time.Minute
	// uploadLook is how often it is looked for those.
	uploadLook = 5 * time.Second
)

// upload is a model that is on its way, in memory until all of it is here.
type upload struct {
	is      UploadRequest // as its first part had it, without offset and data
	data    []byte
	last    time.Time // when a part came
	storing bool      // all of it is here
}

// uploads are the models that are on their way.
type uploads struct {
	mu        sync.Mutex
	open      map[string]*upload
	announced int64 // bytes of all that are open
}

// run ends uploads that are not continued, until ctx ends, and then all.
func (u *uploads) run(ctx context.Context) {
	tick := time.NewTicker(uploadLook)
	defer tick.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case now := <-tick.C:
			u.mu.Lock()
			u.expire(now)
			u.mu.Unlock()
		}
	}
}

// expire ends what was not continued. One that is being stored has an end of its own.
func (u *uploads) expire(now time.Time) {
	for id, o := range u.open {
		if !o.storing && now.Sub(o.last) >= uploadIdle {
			u.remove(id)
		}
	}
}

func (u *uploads) remove(id string) {
	if o := u.open[id]; o != nil {
		u.announced -= o.is.Size
		delete(u.open, id)
	}
}

// end forgets an upload, if there is one.
func (u *uploads) end(id string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.remove(id)
}

// has tells whether an upload is open.
func (u *uploads) has(id string) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.open[id] != nil
}

// begin opens an upload, whose first part is added next. Nothing is allocated for what is only announced.
func (u *uploads) begin(r *UploadRequest) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	now := time.Now()
	u.expire(now)
	switch {
	case len(u.open) >= maxUploads:
		return refuse(codeBusy, "%d models are being uploaded already: ask again", len(u.open))
	case u.announced+r.Size > maxUploading:
		return refuse(codeBusy, "models of %d bytes are being uploaded already, which leaves less than %d of %d: ask again", u.announced, r.Size, maxUploading)
	}
	u.open[r.Upload] = &upload{is: r.announced(), last: now}
	u.announced += r.Size
	return nil
}

// add takes a part, and says how many bytes are here: that many where the part was here already. With the last
// part it gives all of it, which is the caller's from then on, and so is the end of the upload.
func (u *uploads) add(r *UploadRequest) (received int64, whole []byte, err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	o := u.open[r.Upload]
	if o == nil {
		return 0, nil, noUpload(r)
	}
	if !o.is.same(r) {
		return 0, nil, refuse(codeConflict, "upload %s: expected name, size, digest and replace as its first part had them: another model needs another upload", r.Upload)
	}
	received = int64(len(o.data))
	switch {
	case o.storing:
		return o.is.Size, nil, nil
	case r.Offset+int64(len(r.Data)) <= received:
		o.last = time.Now()
		return received, nil, nil
	case r.Offset != received:
		return 0, nil, refuse(codeConflict, "upload %s: expected offset %d, found %d", r.Upload, received, r.Offset)
	}
	o.data, o.last = joined(o.data, r.Data, o.is.Size), time.Now()
	received = int64(len(o.data))
	if received < o.is.Size {
		return received, nil, nil
	}
	whole, o.data, o.storing = o.data, nil, true
	return received, whole, nil
}

// joined is append, with room for no more than there will be: at most twice of what has come, and never more than
// was announced.
func joined(data, part []byte, most int64) []byte {
	if need := len(data) + len(part); need > cap(data) {
		grown := make([]byte, len(data), min(max(2*cap(data), need), int(most)))
		copy(grown, data)
		data = grown
	}
	return append(data, part...)
}

func noUpload(r *UploadRequest) error {
	return refuse(codeUnknown, "upload %s: expected offset 0, found %d: it is not open, as it was not begun, has ended, or was not continued for %v", r.Upload, r.Offset, uploadIdle)
}
