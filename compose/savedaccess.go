package compose

import "github.com/redis-chaos/redis-chaos/compose/certificate"

// The files that an access is saved in, for commands that connect to the cluster later.
const (
	savedUsername   = "username"
	savedPassword   = "password"
	savedServerName = "server_name"
	savedClientCert = "client.crt"
	savedClientKey  = "client.key"
)

// Saved is what a client needs, in files by their names; nothing, where it needs nothing.
func (a Access) Saved() map[string][]byte {
	files := map[string][]byte{}
	if a.Password != "" {
		files[savedUsername], files[savedPassword] = []byte(a.Username), []byte(a.Password)
	}
	if a.TLS != nil {
		files[caFile], files[savedServerName] = a.TLS.CA, []byte(a.TLS.ServerName)
		files[savedClientCert], files[savedClientKey] = a.TLS.Client.Cert, a.TLS.Client.Key
	}
	return files
}

// SavedAccess reads what Saved has written, of a cluster that was deployed.
func SavedAccess(files map[string][]byte) (a Access, err error) {
	a.Username, a.Password = string(files[savedUsername]), Secret(files[savedPassword])
	if ca, ok := files[caFile]; ok {
		a.TLS, err = NewTLS(Credentials{CA: ca, Client: certificate.Pair{Cert: files[savedClientCert], Key: files[savedClientKey]}, ServerName: string(files[savedServerName])})
	}
	return a, err
}
