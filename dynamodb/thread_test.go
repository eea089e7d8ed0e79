package dynamodb_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsdb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/canteen-chat/canteen/aws/local"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/dynamodb"
	consumers "github.com/canteen-chat/canteen/follow"
	"github.com/canteen-chat/canteen/thread"
)

// threadHouse is a store with a room in which there are people and threads.
type threadHouse struct {
	*testing.T
	on    *stores
	s     *dynamodb.Store
	lists *consumers.Follower
	mu    sync.Mutex
	posts int
}

var threadPeople = []string{"uowner", "ujonas", "uada", "ugus"}

func newThreadHouse(t *testing.T, f *faults) *threadHouse {
	on := on(t, local.Ministack, f.between)
	h := &threadHouse{T: t, on: on, s: on.open(t)}
	t.Cleanup(func() { on.drop(t, 1) })
	h.lists = consumers.New(h.s, h.s, slog.New(slog.DiscardHandler), dynamodb.ThreadLists{Store: h.s})
	ctx := context.Background()
	_, err := h.s.Setup(ctx, chat.Setup{
		Workspace: chat.Workspace{Name: "Acme", Epoch: "e", DefaultRooms: []string{"general"}}, Owner: newUser("owner", chat.Owner),
		RoomID: "general", At: noon,
	})
	must(t, err)
	for _, user := range threadPeople[1:] {
		_, err := h.s.AddUser(ctx, chat.AddUser{User: newUser(user[1:], chat.Member), Rooms: []string{"general"}, At: noon})
		must(t, err)
	}
	return h
}

func (h *threadHouse) post(s *dynamodb.Store, by string, root int64, mentions ...string) chat.Message {
	h.Helper()
	h.mu.Lock()
	h.posts++
	n := h.posts
	h.mu.Unlock()
	m, _, err := s.PostMessage(context.Background(), chat.PostMessage{
		Room: "general", Author: by, ClientID: fmt.Sprint(n), Text: "hello", Thread: root, Mentions: mentions,
		At: noon.Add(time.Duration(n) * time.Second),
	})
	if err != nil {
		h.Error(err)
	}
	return m
}

func (h *threadHouse) threads(user string) chat.ThreadPage {
	h.Helper()
	p, err := h.s.MyThreads(context.Background(), chat.ThreadQuery{User: user, Bound: chat.Bound{Limit: 100, Bytes: chat.PageBytes}})
	must(h.T, err)
	return p
}

// items counts the items of a partition of the table members.
func (h *threadHouse) items(pk string) int {
	h.Helper()
	out, err := awsdb.NewFromConfig(h.on.config).Query(context.Background(), &awsdb.QueryInput{
		TableName: aws.String(h.on.names + "1-members"), KeyConditionExpression: aws.String("pk = :pk"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":pk": &types.AttributeValueMemberS{Value: pk}},
	})
	must(h.T, err)
	return len(out.Items)
}

// TestThreadsOfManyHands lets people answer, read, follow and delete in the same threads at the same time, in several processes, while
// DynamoDB has trouble and the lists are kept. In the end every list agrees with its threads.
func TestThreadsOfManyHands(t *testing.T) {
	const roots, rounds = 3, 12
	f := newFaults(2)
	h := newThreadHouse(t, f)
	ctx, other := context.Background(), h.on.again()
	for root := range roots {
		h.post(h.s, threadPeople[root], 0)
	}
	f.turn(true)
	var wg sync.WaitGroup
	for i, user := range threadPeople {
		s := []*dynamodb.Store{h.s, other}[i%2]
		wg.Go(func() {
			for n := range rounds {
				root := int64((i+n)%roots + 1)
				m := h.post(s, user, root)
				_, err := s.ReadThread(ctx, chat.ReadThread{Room: "general", Root: int64(n%roots + 1), User: user, Seq: m.Seq - int64(n%4)})
				if err == nil && n%3 == 0 {
					_, err = s.FollowThread(ctx, chat.FollowThread{Room: "general", Root: root, User: user, On: n%2 == 0})
				}
				if err == nil && n%4 == 3 {
					err = s.DeleteMessage(ctx, chat.DeleteMessage{Room: "general", Seq: m.Seq, At: noon})
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Go(func() {
		for range rounds {
			_ = h.lists.CatchUp(ctx, "general") // fails while DynamoDB has trouble
		}
	})
	wg.Wait()
	f.turn(false)
	must(t, h.lists.CatchUp(ctx, "general"))
	listed := 0
	for _, user := range threadPeople {
		var want []chat.MyThread
		unread := 0
		for root := range roots {
			m, err := h.s.MyThread(ctx, "general", int64(root+1), user)
			must(t, err)
			if m.Follow != thread.FollowOff && len(m.Latest) > 0 {
				want = append(want, m)
				unread += min(m.Unread, 1)
			}
		}
		slices.SortFunc(want, func(a, b chat.MyThread) int { return a.Place().Compare(b.Place()) })
		if p := h.threads(user); fmt.Sprint(places(p.Threads)) != fmt.Sprint(places(want)) || p.Unread != unread {
			t.Errorf("%s has the list %v with %d unread; want %v with %d", user, places(p.Threads), p.Unread, places(want), unread)
		}
		listed += h.items("list#" + user)
	}
	if rows := h.items("threads#general"); rows != listed || rows == 0 {
		t.Errorf("%d rows are listed by %d items", rows, listed)
	}
	t.Logf("faults: %v", f.hits)
}

func places(ms []chat.MyThread) (out []string) {
	for _, m := range ms {
		out = append(out, fmt.Sprint(m.Place(), " ", m.Unread))
	}
	return out
}

// TestThreadsOfAnEndedMembership: what somebody has followed before leaving counts for nothing when they are back, also before Clean has
// deleted it. Clean deletes that and nothing else.
func TestThreadsOfAnEndedMembership(t *testing.T) {
	h, ctx := newThreadHouse(t, newFaults(3)), context.Background()
	const roots = 50
	for root := range int64(roots) {
		h.post(h.s, "ugus", 0)
		h.post(h.s, "ujonas", 2*root+1)
	}
	if p := h.threads("ugus"); p.Unread != roots || len(p.Threads) != roots {
		t.Fatalf("%d threads, %d unread", len(p.Threads), p.Unread)
	}
	must(t, h.s.RemoveMember(ctx, chat.RemoveMember{Room: "general", User: "ugus", Reason: chat.Left}))
	must(t, h.s.AddMembers(ctx, chat.AddMembers{Room: "general", Users: []string{"ugus"}, Role: chat.RoomMember, At: noon.Add(time.Hour)}))
	heard := func(want ...string) {
		t.Helper()
		r, err := h.s.RoomAccess(ctx, "general", "ugus")
		must(t, err)
		to, err := h.s.FollowersAt(ctx, "general", 1, r.Version)
		must(t, err)
		if slices.Sort(to); !slices.Equal(to, want) {
			t.Errorf("%v hear of the thread, want %v", to, want)
		}
	}
	heard("ujonas")
	if p := h.threads("ugus"); len(p.Threads) > 0 || p.Unread > 0 {
		t.Errorf("who is back has %d threads, %d unread", len(p.Threads), p.Unread)
	}
	h.post(h.s, "ujonas", 1) // its root's author is back
	heard("ugus", "ujonas")
	for range 2 {
		must(t, h.s.Clean(ctx, chat.RoomLeft{Room: "general", User: "ugus", Reason: chat.Left}))
		if p := h.threads("ugus"); len(p.Threads) != 1 || p.Threads[0].Unread != 1 || p.Unread != 1 {
			t.Errorf("after Clean there are %+v", p)
		}
		if rows, listed := h.items("threads#general"), h.items("list#ugus"); rows != roots+1 || listed != 1 {
			t.Errorf("%d rows and %d items of the list are left", rows, listed)
		}
	}
}

// TestMentionsOfEarlierReleases: what was written before mentions said in which thread they are is counted in the right one.
func TestMentionsOfEarlierReleases(t *testing.T) {
	h, ctx := newThreadHouse(t, newFaults(4)), context.Background()
	for range 2 {
		h.post(h.s, "uada", 0)
	}
	for _, root := range []int64{1, 2, 1, 0} {
		m := h.post(h.s, "ujonas", root, "uada")
		if m.Seq%2 == 0 {
			continue
		}
		_, err := awsdb.NewFromConfig(h.on.config).UpdateItem(ctx, &awsdb.UpdateItemInput{
			TableName: aws.String(h.on.names + "1-messages"), UpdateExpression: aws.String("REMOVE #thread"),
			ExpressionAttributeNames: map[string]string{"#thread": "thread"},
			Key: map[string]types.AttributeValue{
				"pk": &types.AttributeValueMemberS{Value: "room#general"},
				"sk": &types.AttributeValueMemberS{Value: fmt.Sprintf("@uada#%012d", m.Seq)},
			},
		})
		must(t, err)
	}
	for root, want := range map[int64]int{1: 2, 2: 1} {
		m, err := h.s.MyThread(ctx, "general", root, "uada")
		must(t, err)
		if m.MentionCount != want {
			t.Errorf("thread %d mentions me %d times, want %d", root, m.MentionCount, want)
		}
	}
}
