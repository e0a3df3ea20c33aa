// An SMSC by npm's smpp. Prints its port, then serves until its input ends.
//
// Every fifth submit_sm is throttled; the others are answered with an id, and a deliver_sm follows that says how the
// message was understood: header of user data, message, both in hex, and more_messages_to_send.
const smpp = require("smpp");

const hex = (octets) => (octets ? Buffer.from(octets).toString("hex") : "");
const sessions = new Set();
let count = 0;

function submitted(session, pdu) {
  count += 1;
  if (count % 5 === 0) {
    session.send(pdu.response({ command_status: smpp.ESME_RTHROTTLED }));
    return;
  }
  session.send(pdu.response({ message_id: `node${count}` }));
  const { udh, message } = pdu.short_message;
  const header = udh ? udh.map(hex).join(",") : "";
  session.deliver_sm({
    source_addr_ton: 1,
    source_addr: pdu.destination_addr,
    destination_addr: pdu.source_addr,
    short_message: `${header}/${hex(message)}/${pdu.more_messages_to_send}`,
  });
}

const server = smpp.createServer((session) => {
  sessions.add(session);
  session.on("error", () => {});
  session.on("close", () => sessions.delete(session));
  session.on("bind_transceiver", (pdu) => {
    const good = pdu.system_id === "esme" && pdu.password === "secret";
    session.send(
      good
        ? pdu.response({ system_id: "node", sc_interface_version: 0x34 })
        : pdu.response({ command_status: smpp.ESME_RINVPASWD }),
    );
  });
  session.on("submit_sm", (pdu) => submitted(session, pdu));
  session.on("enquire_link", (pdu) => session.send(pdu.response()));
  session.on("unbind", (pdu) => {
    session.send(pdu.response());
    session.close();
  });
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
