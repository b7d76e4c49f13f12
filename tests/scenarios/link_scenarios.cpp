// SPDX-License-Identifier: GPL-2.0-or-later
//
// The same mail on every kind of link and in tunnels.
#include <string>

#include "dialogue.h"
#include "scenario.h"

namespace smtp_session::scenarios {
namespace {

void one_mail(Capture& capture, const Path& path) {
  Conversation c(capture, kClient, kServer, path);
  begin(c);
  deliver(c);
  leave(c);
}

}  // namespace

void add_link_scenarios(ScenarioList& list) {
  const std::string mail =
      "greeting 220 1ms\nEHLO 250 500us\nMAIL 250 600us\nRCPT 250 700us\nDATA 354 550us\n"
      ". 250 2ms\nQUIT 221 450us\n"
      "message 250 from=alice@client.example to=bob@example.test:250 size=190\n";
  const std::string ipv4 =
      "session outcome=delivered complete=true client.address=192.0.2.10 client.port=40001\n"
      "  server.address=198.51.100.25 server.port=25 tcp.handshake_ns=420us\n" +
      mail;

  list.push_back({"vlan", "One VLAN tag (802.1Q)", ipv4, [](Capture& capture) {
                    Path path;
                    path.vlans = {100};
                    one_mail(capture, path);
                  }});
  list.push_back({"qinq", "Two VLAN tags (802.1ad)", ipv4, [](Capture& capture) {
                    Path path;
                    path.vlans = {200, 100};
                    one_mail(capture, path);
                  }});
  list.push_back({"sll", "Linux cooked capture, version 1", ipv4, [](Capture& capture) {
                    capture.use_link(Link::kCooked);
                    one_mail(capture, {});
                  }});
  list.push_back({"sll2", "Linux cooked capture, version 2", ipv4, [](Capture& capture) {
                    capture.use_link(Link::kCooked2);
                    one_mail(capture, {});
                  }});
  list.push_back({"loopback_null", "BSD loopback", ipv4, [](Capture& capture) {
                    capture.use_link(Link::kNull);
                    one_mail(capture, {});
                  }});
  list.push_back({"raw_ip", "IP packets without a link header", ipv4, [](Capture& capture) {
                    capture.use_link(Link::kRawIp);
                    one_mail(capture, {});
                  }});
  list.push_back({"ipv6", "IPv6",
                  "session outcome=delivered complete=true client.address=2001:db8::10\n"
                  "  client.port=40001 server.address=2001:db8:1::25 tcp.handshake_ns=420us\n"
                  "  community_id=1:KKYqBlemP0Z6mXavEoisxL7Tf2s=\n" +
                      mail,
                  [](Capture& capture) {
                    Conversation c(capture, {"2001:db8::10", 40001}, {"2001:db8:1::25", 25});
                    begin(c);
                    deliver(c);
                    leave(c);
                  }});
  list.push_back(
      {"ip_fragments", "The message's packet comes in IP fragments", ipv4, [](Capture& capture) {
         Path path;
         path.fragment_size = 136;
         one_mail(capture, path);
       }});
  list.push_back({"gre_tunnel", "IPv4 in a GRE tunnel", ipv4, [](Capture& capture) {
                    Path path;
                    path.tunnel = Tunnel::kGre;
                    one_mail(capture, path);
                  }});
  list.push_back({"ipip_tunnel", "IPv4 in IPv4", ipv4, [](Capture& capture) {
                    Path path;
                    path.tunnel = Tunnel::kIpInIp;
                    one_mail(capture, path);
                  }});
}

}  // namespace smtp_session::scenarios
