package doctor

import (
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/redis-chaos/redis-chaos/scenarios/document"
)

// Project is a compose file as Compose itself has resolved it: variables, profiles, extends, includes and anchors.
type Project struct {
	Name     string
	Services []Service // in the order of their names
}

// Service is a service of a compose file.
type Service struct {
	Name    string
	Image   string
	Command []string // with the entrypoint before it, taken apart as a shell does
	Env     map[string]string
	Ports   []Port
	Mounts  []Mount
	// Networks are those that it is on, each with its fixed address, or "".
	Networks map[string]string
	// Mode is its network_mode: "host", or "" for networks of its own.
	Mode    string
	Restart string
	// Health is the test of its health check, in a line.
	Health string
	Labels map[string]string
	// Profiles are those that it is in; it is there if one of them is active, or if it is in none.
	Profiles []string
	// Count is how many containers there are of it.
	Count int
}

// Port is a port of a service that is published on the host.
type Port struct {
	Host   string // the address on the host; "" for any
	Outer  int    // on the host; 0 for any
	Inner  int
	Packet bool // of UDP
}

// Mount is what a service has at a path: a volume or a folder of the host.
type Mount struct {
	Source string // "" of an anonymous volume
	Target string
	Bind   bool
}

// ParseProject reads what `docker compose config` prints, of any of its versions.
func ParseProject(text string) (*Project, error) {
	ps := &document.Problems{File: "docker compose config"}
	root := document.ReadTree(ps, []byte(text))
	if err := ps.Err(); err != nil {
		return nil, fmt.Errorf("reading what Compose makes of the file: %w", err)
	}
	p := &Project{Name: textOf(root.Field("name"))}
	services := root.Field("services")
	if services == nil || services.Kind != document.Mapping || len(services.Fields) == 0 {
		return nil, errors.New("the compose file has no services, as Compose reads it; are they all in profiles? COMPOSE_PROFILES names those to read")
	}
	for _, f := range services.Fields {
		p.Services = append(p.Services, serviceOf(f.Name, f.Value))
	}
	slices.SortFunc(p.Services, func(a, b Service) int { return strings.Compare(a.Name, b.Name) })
	for _, s := range p.Services { // a volume can be called something else than it is named by
		for i, m := range s.Mounts {
			if name := textOf(root.Field("volumes").Field(m.Source).Field("name")); name != "" && !m.Bind {
				s.Mounts[i].Source = name
			}
		}
	}
	return p, nil
}

// Activate leaves out services that are in profiles of which none is active: Compose 1 prints them all the same.
func (p *Project) Activate(profiles []string) {
	p.Services = slices.DeleteFunc(p.Services, func(s Service) bool {
		active := func(profile string) bool { return slices.Contains(profiles, profile) }
		return len(s.Profiles) > 0 && !slices.ContainsFunc(s.Profiles, active)
	})
}

func serviceOf(name string, n *document.Node) Service {
	s := Service{
		Name: name, Image: textOf(n.Field("image")), Mode: textOf(n.Field("network_mode")), Restart: textOf(n.Field("restart")),
		Command: append(wordsOf(n.Field("entrypoint")), wordsOf(n.Field("command"))...),
		Env:     mapOf(n.Field("environment")), Labels: mapOf(n.Field("labels")), Networks: map[string]string{}, Profiles: textsOf(n.Field("profiles")), Count: 1,
	}
	if policy := textOf(n.Field("deploy").Field("restart_policy").Field("condition")); s.Restart == "" && policy == "any" {
		s.Restart = "always"
	}
	for _, count := range []*document.Node{n.Field("scale"), n.Field("deploy").Field("replicas")} {
		if number, err := strconv.Atoi(textOf(count)); err == nil {
			s.Count = number
		}
	}
	health := n.Field("healthcheck")
	if !strings.EqualFold(textOf(health.Field("disable")), "true") {
		s.Health = strings.Join(textsOf(health.Field("test")), " ")
	}
	for _, item := range itemsOf(n.Field("ports")) {
		s.Ports = append(s.Ports, portsOf(item)...)
	}
	for _, item := range itemsOf(n.Field("volumes")) {
		s.Mounts = append(s.Mounts, mountOf(item))
	}
	for _, item := range itemsOf(n.Field("tmpfs")) {
		s.Mounts = append(s.Mounts, Mount{Target: textOf(item)})
	}
	switch networks := n.Field("networks"); {
	case s.Mode != "":
	case networks == nil:
		s.Networks["default"] = ""
	case networks.Kind == document.List:
		for _, item := range networks.Items {
			s.Networks[textOf(item)] = ""
		}
	default:
		for _, f := range networks.Fields {
			s.Networks[f.Name] = textOf(f.Value.Field("ipv4_address"))
		}
	}
	return s
}

// textOf is a scalar, without the doubling by which Compose keeps a $ from being filled in.
func textOf(n *document.Node) string {
	if n == nil || n.Kind != document.Scalar {
		return ""
	}
	return strings.ReplaceAll(n.Text, "$$", "$")
}

// itemsOf is the items of a list, or a scalar that stands for one.
func itemsOf(n *document.Node) []*document.Node {
	switch {
	case n == nil || n.Kind == document.Null:
		return nil
	case n.Kind == document.List:
		return n.Items
	default:
		return []*document.Node{n}
	}
}

func textsOf(n *document.Node) (all []string) {
	for _, item := range itemsOf(n) {
		all = append(all, textOf(item))
	}
	return all
}

// mapOf is a mapping, or a list of NAME=VALUE.
func mapOf(n *document.Node) map[string]string {
	all := map[string]string{}
	if n == nil {
		return all
	}
	for _, f := range n.Fields {
		all[f.Name] = textOf(f.Value)
	}
	for _, item := range n.Items {
		name, value, _ := strings.Cut(textOf(item), "=")
		all[name] = value
	}
	return all
}

// wordsOf is a command: a list of words, or a line. What follows `sh -c` is a line, too.
func wordsOf(n *document.Node) (words []string) {
	if n == nil {
		return nil
	}
	if n.Kind != document.List {
		return shellWords(textOf(n))
	}
	for _, word := range textsOf(n) {
		if strings.ContainsAny(word, " \n\t") && slices.Contains(words, "-c") {
			words = append(words, shellWords(word)...)
			continue
		}
		words = append(words, word)
	}
	return words
}

// shellWords takes a line apart at blanks outside of quotes.
func shellWords(line string) (words []string) {
	var word strings.Builder
	in, quote := false, rune(0)
	for _, c := range line {
		switch {
		case quote != 0 && c == quote:
			quote = 0
		case quote == 0 && (c == '"' || c == '\''):
			in, quote = true, c
		case quote == 0 && strings.ContainsRune(" \t\n\\", c):
			if in {
				words = append(words, word.String())
			}
			in = false
			word.Reset()
		default:
			in = true
			word.WriteRune(c)
		}
	}
	if in {
		words = append(words, word.String())
	}
	return words
}

// portsOf is a published port, or each of a range, in any form that Compose prints.
func portsOf(n *document.Node) []Port {
	if n.Kind == document.Mapping {
		inner, _ := strconv.Atoi(textOf(n.Field("target")))
		outer, _ := strconv.Atoi(textOf(n.Field("published")))
		return []Port{{Host: textOf(n.Field("host_ip")), Outer: outer, Inner: inner, Packet: textOf(n.Field("protocol")) == "udp"}}
	}
	text, protocol, _ := strings.Cut(textOf(n), "/")
	parts := strings.Split(text, ":")
	inner := rangeOf(parts[len(parts)-1])
	outer, host := []int{0}, ""
	if len(parts) > 1 {
		outer = rangeOf(parts[len(parts)-2])
		host = strings.Trim(strings.Join(parts[:len(parts)-2], ":"), "[]")
	}
	var all []Port
	for i, port := range inner {
		p := Port{Host: host, Inner: port, Packet: protocol == "udp"}
		if i < len(outer) {
			p.Outer = outer[i]
		}
		all = append(all, p)
	}
	return all
}

// rangeOf is the numbers of "7000-7005", or of "7000".
func rangeOf(text string) (all []int) {
	const most = 1 << 10
	first, last, _ := strings.Cut(text, "-")
	from, err := strconv.Atoi(first)
	if err != nil {
		return nil
	}
	to, err := strconv.Atoi(last)
	if err != nil {
		to = from
	}
	for port := from; port <= to && len(all) < most; port++ {
		all = append(all, port)
	}
	return all
}

// mountOf is a volume, in any form that Compose prints.
func mountOf(n *document.Node) Mount {
	if n.Kind == document.Mapping {
		return Mount{Source: textOf(n.Field("source")), Target: path.Clean(textOf(n.Field("target"))), Bind: textOf(n.Field("type")) == "bind"}
	}
	parts := strings.Split(textOf(n), ":")
	if len(parts) == 1 {
		return Mount{Target: path.Clean(parts[0])}
	}
	return Mount{Source: parts[0], Target: path.Clean(parts[1]), Bind: strings.ContainsAny(parts[0][:min(1, len(parts[0]))], "/.~")}
}

// publishes is the port of the host by which a port of the service is reached; 0 if it is not published.
func (s *Service) publishes(inner int) int {
	for _, p := range s.Ports {
		if p.Inner == inner && !p.Packet {
			return p.Outer
		}
	}
	return 0
}

// at is what is mounted at a path or above it; nil if nothing is.
func (s *Service) at(file string) *Mount {
	var nearest *Mount
	for i, m := range s.Mounts {
		above := file == m.Target || strings.HasPrefix(file, strings.TrimSuffix(m.Target, "/")+"/")
		if above && (nearest == nil || len(m.Target) > len(nearest.Target)) {
			nearest = &s.Mounts[i]
		}
	}
	return nearest
}

// OnHost is where a file of a service is on this machine; "" if it is in the image, or in a volume.
func (s *Service) OnHost(file string) string {
	m := s.at(file)
	if m == nil || !m.Bind {
		return ""
	}
	return filepath.Join(m.Source, strings.TrimPrefix(file, m.Target))
}
