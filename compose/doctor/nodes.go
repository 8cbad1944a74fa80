package doctor

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/redis-chaos/redis-chaos/compose/redisconf"
)

// NodesOf finds the services that are nodes of a cluster: those whose servers are in cluster mode, by their command, by
// the redis.conf that is mounted, or by what their image is known to do. told is what could not be read.
func NodesOf(p *Project) (nodes []Node, told []string) {
	for i := range p.Services {
		s := &p.Services[i]
		config, why := configOf(s)
		told = append(told, why...)
		if !config.Is("cluster-enabled", "yes") {
			continue
		}
		for number := range s.Count {
			container := s.Name
			if s.Count > 1 {
				container = fmt.Sprintf("%s-%d", s.Name, number+1)
			}
			inside := serversIn(s)
			for k := range inside {
				name := container
				if inside > 1 {
					name = fmt.Sprintf("%s:%d", container, k+1)
				}
				nodes = append(nodes, Node{Name: name, Config: config, Service: s, Container: container})
			}
		}
	}
	return nodes, told
}

// serversIn is how many servers a container of a service has.
func serversIn(s *Service) int {
	number := func(name string, otherwise int) int {
		if n, err := strconv.Atoi(s.Env[name]); err == nil && n > 0 {
			return n
		}
		return otherwise
	}
	if !strings.HasSuffix(repositoryOf(s.Image), severalInOne) {
		return 1
	}
	return number("MASTERS", 3) * (1 + number("SLAVES_PER_MASTER", 1))
}

// severalInOne is the image that has all nodes of a cluster in one container.
const severalInOne = "grokzen/redis-cluster"

// repositoryOf is an image without its tag.
func repositoryOf(image string) string {
	image, _, _ = strings.Cut(image, "@")
	if at := strings.LastIndex(image, ":"); at > strings.LastIndex(image, "/") {
		image = image[:at]
	}
	return image
}

// configOf is what the server of a service is started with.
func configOf(s *Service) (config Config, told []string) {
	config = Config{}
	at := slices.IndexFunc(s.Command, func(word string) bool { return isServer(path.Base(word)) })
	words := s.Command[at+1:]
	if at < 0 && (len(s.Command) == 0 || !strings.HasPrefix(s.Command[0], "/") && !strings.HasPrefix(s.Command[0], "-")) {
		words = nil // another program
	}
	for i, word := range words {
		if i > 0 && !strings.HasSuffix(word, ".conf") || strings.HasPrefix(word, "-") {
			break
		}
		told = append(told, mountedConf(s, word, config)...)
	}
	for i := 0; i < len(words); i++ {
		name, is := strings.CutPrefix(words[i], "--")
		if !is || name == "" {
			continue
		}
		var args []string
		for i+1 < len(words) && !strings.HasPrefix(words[i+1], "--") && !strings.ContainsAny(words[i+1], ";&|") {
			i++
			args = append(args, words[i])
		}
		config.add(name, strings.Join(args, " "))
	}
	ofImage(s, config)
	return config, told
}

func isServer(program string) bool {
	return slices.Contains([]string{"redis-server", "valkey-server", "keydb-server"}, program)
}

// mountedConf adds what a redis.conf holds that the service has of this machine.
func mountedConf(s *Service, file string, config Config) (told []string) {
	here := s.OnHost(file)
	if here == "" {
		return []string{fmt.Sprintf("%s: %s is in the image or in a volume, and is not read", s.Name, file)}
	}
	lines, problems, err := redisconf.Read(here)
	if err != nil {
		return []string{fmt.Sprintf("%s: %s: %v", s.Name, file, err)}
	}
	for _, p := range problems { // an include may be of a path in the container
		told = append(told, fmt.Sprintf("%s: %s: %s", s.Name, p.At, p.Msg))
	}
	for _, l := range lines {
		config.add(l.Name, l.Args)
	}
	return told
}

// ofImage adds what images are known to do by themselves, or by their environment.
func ofImage(s *Service, config Config) {
	const bitnami = "/bitnami/redis/data"
	set := func(name, value string) {
		if _, given := config.Value(name); !given {
			config.add(name, value)
		}
	}
	repository := repositoryOf(s.Image)
	switch {
	case strings.HasSuffix(repository, "bitnami/redis-cluster"), strings.HasSuffix(repository, "bitnami/valkey-cluster"),
		strings.HasSuffix(repository, "bitnamilegacy/redis-cluster"):
		if s.Env["REDIS_NODES"] == "" && s.Env["VALKEY_NODES"] == "" || s.Env["REDISCLI_AUTH"] != "" && len(s.Mounts) == 0 {
			return // it has no nodes to join, or is only to create the cluster
		}
		set("cluster-enabled", "yes")
		set("dir", bitnami)
		set("appendonly", "yes")
		for _, name := range []string{"REDIS_PASSWORD", "VALKEY_PASSWORD"} {
			if s.Env[name] != "" {
				set("requirepass", s.Env[name])
				set("masterauth", s.Env[name])
			}
		}
	case strings.HasSuffix(repository, severalInOne):
		set("cluster-enabled", "yes")
		set("dir", "/redis-data")
		set("appendonly", "yes")
		config.add("cluster-node-timeout", "5000")
	}
	if config.Is("cluster-enabled", "yes") {
		set("dir", "/data") // where the images of Redis and Valkey start their servers
	}
}
