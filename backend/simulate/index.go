package simulate

import (
	"html/template"
	"net/http"
)

// serveIndex is the page for people: every path, and every fault.
func (s *Server) serveIndex(x *exchange) {
	if x.r.URL.Path != "/" {
		http.Error(x, "there is no such feed: the page at / lists them", http.StatusNotFound)
		return
	}
	x.Header().Set("Content-Type", "text/html; charset=utf-8")
	x.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
	// The client may have gone; there is nobody else to tell.
	_ = indexPage.Execute(x, map[string]any{
		"Seed": s.seed, "Feeds": Feeds(), "Faults": Faults(), "User": BasicUser, "Password": BasicPassword, "Token": BearerToken,
	})
}

var indexPage = template.Must(template.New("index").Parse(`<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Tickertape simulator</title>
<style>
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }
body { max-width: 72rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; width: 100% }
td, th { text-align: left; vertical-align: top; padding: 4px 12px 4px 0; border-bottom: 1px solid #8884 }
code { white-space: nowrap }
</style>
<h1>Simulated feeds</h1>
<p>All values are invented, from the seed {{.Seed}}. Open a path with a client of its protocol.</p>
<table><tr><th>Path<th>Protocol<th>What<th>How
{{range .Feeds}}<tr><td><a href="{{.Path}}"><code>{{.Path}}</code></a><td>{{.Protocol}}<td>{{.About}}<td>{{.Use}}
{{end}}</table>
<h2>Faults</h2>
<p>Add <code>?fault=NAME</code> to a path to see how a client copes. <code>seed=N</code> chooses where it strikes,
<code>times=N</code> how many connections it strikes, <code>p=0.3</code> how likely it strikes each one,
<code>wait=2s</code> sets the time of faults that have one.
<code>401-basic</code> wants {{.User}}:{{.Password}}, <code>401-bearer</code> wants {{.Token}}.</p>
<table><tr><th>Fault<th>What it does<th>On
{{range .Faults}}<tr><td><code>{{.Name}}</code><td>{{.About}}<td>{{range $i, $p := .On}}{{if $i}}, {{end}}{{$p}}{{end}}
{{end}}</table>
`))
