package config

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Where metrics may be listened for, and who must then be named.
func TestHTTP(t *testing.T) {
	users := []User{{"a", "a.txt"}}
	for _, good := range []HTTP{
		{},
		{Users: users},
		{SensorLabels: MaxSensors, Pprof: true, Cert: "c", Key: "k"},
		{Listen: "127.0.0.1:9464"},
		{Listen: "127.8.8.8:0"},
		{Listen: "localhost:65535"},
		{Listen: "[::1]:1"},
		{Listen: "0.0.0.0:9464", Users: users},
		{Listen: "[::]:9464", Users: users},
		{Listen: "10.0.0.1:9464", Users: users},
	} {
		c := Default()
		c.HTTP = good
		require.NoError(t, c.Validate(), "%+v", good)
	}
	for _, bad := range []struct {
		http       HTTP
		path, want string
	}{
		{HTTP{Listen: "9464"}, "http.listen", "did you mean 127.0.0.1:9464?"},
		{HTTP{Listen: ":9464"}, "http.listen", "did you mean 127.0.0.1:9464? Every address is 0.0.0.0"},
		{HTTP{Listen: "127.0.0.1"}, "http.listen", "host:port"},
		{HTTP{Listen: "127.0.0.1:"}, "http.listen", "host:port"},
		{HTTP{Listen: "127.0.0.1:http"}, "http.listen", "host:port"},
		{HTTP{Listen: "127.0.0.1:65536"}, "http.listen", "0 to 65535"},
		{HTTP{Listen: "127.0.0.1:-1"}, "http.listen", "0 to 65535"},
		{HTTP{Listen: "::1:80"}, "http.listen", "host:port"},
		{HTTP{Listen: "http://127.0.0.1:80"}, "http.listen", "host:port"},
		{HTTP{Listen: "example.org:80"}, "http.listen", "localhost or an IP address"},
		{HTTP{Listen: "example.org:80", Users: users}, "http.listen", "localhost or an IP address"},
		{HTTP{Listen: "0.0.0.0:80"}, "http.listen", "set http.users to listen beyond this machine"},
		{HTTP{Listen: "[::]:80"}, "http.listen", "this machine alone"},
		{HTTP{Listen: "192.168.0.1:80"}, "http.listen", "this machine alone"},
		{HTTP{SensorLabels: -1}, "http.sensor_labels", "0 to 65536"},
		{HTTP{SensorLabels: MaxSensors + 1}, "http.sensor_labels", "0 to 65536"},
		{HTTP{Cert: "c"}, "http.key", "a value beside http.cert"},
		{HTTP{Key: "k"}, "http.cert", "a value beside http.key"},
		{HTTP{Users: []User{{"", "f"}}}, "http.users[0].user", "a user name"},
		{HTTP{Users: []User{{"a", "f"}, {"a", "g"}}}, "http.users[1].user", "every user once"},
		{HTTP{Users: []User{{"a", ""}}}, "http.users[0].password_file", "a file with the user's password"},
	} {
		c := Default()
		c.HTTP = bad.http
		err := c.Validate()
		var e *Error
		require.ErrorAs(t, err, &e, "%+v", bad.http)
		require.Len(t, e.Problems, 1)
		require.Equal(t, bad.path, e.Problems[0].Path)
		require.ErrorContains(t, err, bad.want)
	}
}
