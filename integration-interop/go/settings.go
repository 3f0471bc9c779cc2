package main

import (
	"fmt"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"time"
)

// settings are the variables that our programs take too, as far as a role here needs them.
type settings struct {
	name             string
	listenOn         []*url.URL
	connectTo        *url.URL
	registry         *url.URL
	maxTokenLifetime time.Duration
	dialTimeout      time.Duration
	services         []string
	payload          string
	labels           map[string]string
	prefix           netip.Prefix
}

func readSettings(role string) (s settings, err error) {
	s.name = variable("NSM_NAME", role)
	for _, text := range strings.Split(variable("NSM_LISTEN_ON", "tcp://127.0.0.1:0"), ",") {
		u, failure := url.Parse(text)
		if failure != nil {
			return s, fmt.Errorf("NSM_LISTEN_ON: %w", failure)
		}
		s.listenOn = append(s.listenOn, u)
	}
	if s.connectTo, err = optionalURL("NSM_CONNECT_TO"); err != nil {
		return s, err
	}
	if s.registry, err = optionalURL("NSM_REGISTRY_URL"); err != nil {
		return s, err
	}
	if s.maxTokenLifetime, err = duration("NSM_MAX_TOKEN_LIFETIME", "10m"); err != nil {
		return s, err
	}
	if s.dialTimeout, err = duration("NSM_DIAL_TIMEOUT", "750ms"); err != nil {
		return s, err
	}
	s.services = strings.Split(variable("NSM_SERVICE_NAMES", "icmp-responder"), ",")
	s.payload = variable("NSM_PAYLOAD", "IP")
	s.labels = map[string]string{}
	for _, pair := range strings.Split(variable("NSM_LABELS", ""), ",") {
		if key, value, found := strings.Cut(pair, ":"); found {
			s.labels[key] = value
		}
	}
	if s.prefix, err = netip.ParsePrefix(variable("NSM_CIDR_PREFIX", "172.16.0.0/16")); err != nil {
		return s, fmt.Errorf("NSM_CIDR_PREFIX: %w", err)
	}
	return s, nil
}

func variable(name, otherwise string) string {
	if value, found := os.LookupEnv(name); found && value != "" {
		return value
	}
	return otherwise
}

func optionalURL(name string) (*url.URL, error) {
	text := variable(name, "")
	if text == "" {
		return nil, nil
	}
	u, err := url.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return u, nil
}

func duration(name, otherwise string) (time.Duration, error) {
	d, err := time.ParseDuration(variable(name, otherwise))
	if err != nil {
		return 0, fmt.Errorf("%s: %w", name, err)
	}
	return d, nil
}
