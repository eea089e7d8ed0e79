package local

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"path"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
)

// Front serves what the distribution of a stack describes. It reads origins, behaviours, headers and the secret from the
// distribution that the template created in the emulator, so that mistakes there show here. It does not cache, compress or
// speak TLS. It corrects one difference: API Gateway passes on the status with which the function refused a connection, but
// the emulator always answers 403. For a page's own origin the function answers 401.
type Front struct {
	stack    string
	endpoint *url.URL // of the emulator
	cfn      *cloudformation.Client
	cdn      *cloudfront.Client

	mu     sync.Mutex
	cached *distribution // nil until the stack has one
	readAt time.Time
}

const cacheFor = time.Second // short, since a stack of the same name may be created again

type distribution struct {
	config  *types.DistributionConfig
	headers map[string]http.Header                      // by the id of a response headers policy
	passed  map[string]*types.OriginRequestPolicyConfig // by the id of an origin request policy
}

// allViewerExceptHost is the id of AWS's own policy, which passes everything on but the host.
const allViewerExceptHost = "b689b0a8-53d0-40ab-baf2-68738e2966ac"

// behaviour is what the distribution does with the requests of some paths.
type behaviour struct {
	target, headers, requests string
	cached                    bool
}

// NewFront makes a Front. The stack need not exist yet; until then the front answers 503.
func NewFront(cfg aws.Config, stack string) (*Front, error) {
	if cfg.BaseEndpoint == nil {
		return nil, errors.New("the front is for an emulator: AWS_ENDPOINT_URL is not set")
	}
	endpoint, err := url.Parse(*cfg.BaseEndpoint)
	if err != nil {
		return nil, fmt.Errorf("AWS_ENDPOINT_URL: %w", err)
	}
	return &Front{stack: stack, endpoint: endpoint, cfn: cloudformation.NewFromConfig(cfg), cdn: cloudfront.NewFromConfig(cfg)}, nil
}

// ServeHTTP implements http.Handler.
func (f *Front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d, err := f.load(r.Context())
	if err != nil {
		http.Error(w, "front: "+err.Error(), http.StatusServiceUnavailable)
		return
	}
	b := d.behaviour(r.URL.Path)
	for _, o := range d.config.Origins.Items {
		if aws.ToString(o.Id) == b.target {
			f.forward(w, r, o, d, b)
			return
		}
	}
	http.Error(w, "front: no origin has the id "+b.target, http.StatusBadGateway)
}

func (d *distribution) behaviour(path string) behaviour {
	for _, b := range d.config.CacheBehaviors.Items {
		if matches(aws.ToString(b.PathPattern), path) {
			return behaviour{
				aws.ToString(b.TargetOriginId), aws.ToString(b.ResponseHeadersPolicyId), aws.ToString(b.OriginRequestPolicyId), false,
			}
		}
	}
	b := d.config.DefaultCacheBehavior
	return behaviour{aws.ToString(b.TargetOriginId), aws.ToString(b.ResponseHeadersPolicyId), "", true}
}

// load reads the distribution once it exists.
func (f *Front) load(ctx context.Context) (*distribution, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.cached != nil && time.Since(f.readAt) < cacheFor {
		return f.cached, nil
	}
	stacks, err := f.cfn.DescribeStackResource(ctx,
		&cloudformation.DescribeStackResourceInput{StackName: &f.stack, LogicalResourceId: aws.String("Distribution")})
	if err != nil || stacks.StackResourceDetail == nil || aws.ToString(stacks.StackResourceDetail.PhysicalResourceId) == "" {
		return nil, fmt.Errorf("the stack %s has no distribution yet", f.stack)
	}
	got, err := f.cdn.GetDistributionConfig(ctx, &cloudfront.GetDistributionConfigInput{Id: stacks.StackResourceDetail.PhysicalResourceId})
	if err != nil {
		return nil, fmt.Errorf("read the distribution: %w", err)
	}
	d := &distribution{got.DistributionConfig, map[string]http.Header{}, map[string]*types.OriginRequestPolicyConfig{}}
	if err := f.policies(ctx, d, d.config.DefaultCacheBehavior.ResponseHeadersPolicyId, nil); err != nil {
		return nil, err
	}
	for _, b := range d.config.CacheBehaviors.Items {
		if err := f.policies(ctx, d, b.ResponseHeadersPolicyId, b.OriginRequestPolicyId); err != nil {
			return nil, err
		}
	}
	f.cached, f.readAt = d, time.Now()
	return d, nil
}

// policies reads the policies of a behaviour.
func (f *Front) policies(ctx context.Context, d *distribution, headers, requests *string) error {
	if id := aws.ToString(headers); id != "" {
		out, err := f.cdn.GetResponseHeadersPolicyConfig(ctx, &cloudfront.GetResponseHeadersPolicyConfigInput{Id: headers})
		if err != nil {
			return fmt.Errorf("read a policy of headers: %w", err)
		}
		d.headers[id] = policyHeaders(out.ResponseHeadersPolicyConfig)
	}
	if id := aws.ToString(requests); id != "" && id != allViewerExceptHost {
		out, err := f.cdn.GetOriginRequestPolicyConfig(ctx, &cloudfront.GetOriginRequestPolicyConfigInput{Id: requests})
		if err != nil {
			return fmt.Errorf("read a policy of requests: %w", err)
		}
		d.passed[id] = out.OriginRequestPolicyConfig
	}
	return nil
}

func policyHeaders(p *types.ResponseHeadersPolicyConfig) http.Header {
	h := http.Header{}
	if s := p.SecurityHeadersConfig; s != nil {
		if s.ContentSecurityPolicy != nil {
			h.Set("Content-Security-Policy", aws.ToString(s.ContentSecurityPolicy.ContentSecurityPolicy))
		}
		if s.ContentTypeOptions != nil {
			h.Set("X-Content-Type-Options", "nosniff")
		}
		if s.ReferrerPolicy != nil {
			h.Set("Referrer-Policy", string(s.ReferrerPolicy.ReferrerPolicy))
		}
	}
	if p.CustomHeadersConfig != nil {
		for _, c := range p.CustomHeadersConfig.Items {
			h.Set(aws.ToString(c.Header), aws.ToString(c.Value))
		}
	}
	return h
}

// forward passes a request on to an origin as CloudFront would: with the origin's name and headers, and the client's
// address.
func (f *Front) forward(w http.ResponseWriter, r *http.Request, o types.Origin, d *distribution, b behaviour) {
	if b.cached && r.Method != http.MethodGet && r.Method != http.MethodHead {
		http.Error(w, "front: pages allow only GET and HEAD", http.StatusForbidden) // as CloudFront does
		return
	}
	proxy := httputil.ReverseProxy{
		Rewrite: func(p *httputil.ProxyRequest) {
			p.Out.URL.Scheme, p.Out.URL.Host = f.endpoint.Scheme, f.endpoint.Host
			name, _, _ := strings.Cut(aws.ToString(o.DomainName), ".")
			if b.cached {
				p.Out.Host, p.Out.URL.Path, p.Out.URL.RawPath, p.Out.URL.RawQuery = f.endpoint.Host, "/"+name+Rewrite(r.URL.Path), "", ""
				p.Out.Header = http.Header{}
				return
			}
			if policy := d.passed[b.requests]; policy != nil { // a bucket, which checks signatures of its own host
				p.Out.Host, p.Out.Header = aws.ToString(o.DomainName), passed(p.In.Header, policy)
				return
			}
			p.Out.Host = name + ".execute-api.localhost:" + f.endpoint.Port()
			p.Out.Header["X-Forwarded-For"] = p.In.Header["X-Forwarded-For"] // the client's own value comes first
			p.SetXForwarded()
			p.Out.Header.Del("X-Forwarded-Host")
			p.Out.Header.Set("Cloudfront-Viewer-Address", viewerAddress(r.RemoteAddr))
			if o.CustomHeaders != nil {
				for _, h := range o.CustomHeaders.Items {
					p.Out.Header.Set(aws.ToString(h.HeaderName), aws.ToString(h.HeaderValue))
				}
			}
		},
		ModifyResponse: func(resp *http.Response) error {
			for k, v := range d.headers[b.headers] {
				resp.Header[k] = v
			}
			if resp.StatusCode == http.StatusForbidden && strings.HasPrefix(r.URL.Path, "/ws") &&
				r.Header.Get("Origin") == "http://"+r.Host {
				resp.StatusCode, resp.Status = http.StatusUnauthorized, "401 Unauthorized" // see Front
			}
			return nil
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			http.Error(w, "front: "+err.Error(), http.StatusBadGateway)
		},
	}
	proxy.ServeHTTP(w, r)
}

// passed are the headers that an origin gets, by a policy that lists them: no cookie, and of the others those that every request may have.
func passed(in http.Header, policy *types.OriginRequestPolicyConfig) http.Header {
	names := []string{"Range", "If-Match", "If-None-Match", "If-Modified-Since", "If-Range"}
	if policy.HeadersConfig != nil && policy.HeadersConfig.Headers != nil {
		names = append(names, policy.HeadersConfig.Headers.Items...)
	}
	out := http.Header{}
	for _, name := range names {
		if v := in.Values(name); len(v) > 0 {
			out[http.CanonicalHeaderKey(name)] = v
		}
	}
	return out
}

// viewerAddress returns an address in CloudFront's form: IPv6 without brackets.
func viewerAddress(remote string) string {
	host, port, err := net.SplitHostPort(remote)
	if err != nil {
		return remote
	}
	return host + ":" + port
}

// matches implements CloudFront's path patterns as far as the template uses them.
func matches(pattern, p string) bool {
	if stem, ok := strings.CutSuffix(pattern, "*"); ok {
		return strings.HasPrefix(p, stem)
	}
	ok, err := path.Match(pattern, p)
	return ok && err == nil
}

var filePath = regexp.MustCompile(`^/[^/]+\.[a-z0-9]+$`)

// Rewrite does the same as the function PagePaths of the template. A test compares them.
func Rewrite(uri string) string {
	if strings.HasPrefix(uri, "/assets/") || filePath.MatchString(uri) {
		return uri
	}
	return "/index.html"
}
