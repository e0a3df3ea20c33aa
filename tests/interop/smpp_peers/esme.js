// An ESME by npm's smpp: esme.js PORT. Binds, submits ten messages at once, takes a deliver_sm, unbinds; prints what it
// saw as JSON.
const smpp = require("smpp");

const seen = { bind: -1, version: 0, ids: [], refused: 0, delivered: "", enquired: false, unbound: false };
const session = smpp.connect({ url: `smpp://127.0.0.1:${process.argv[2]}`, auto_enquire_link_period: 0 });

function finish(code) {
  console.log(JSON.stringify(seen));
  process.exit(code);
}

function leaveWhenDone() {
  if (seen.ids.length + seen.refused < 10 || seen.delivered === "") return;
  session.enquire_link({}, () => {
    seen.enquired = true;
    session.unbind({}, (pdu) => {
      seen.unbound = pdu.command_status === 0;
      session.close(() => finish(0));
      setTimeout(() => finish(0), 500);
    });
  });
}

function answered(pdu) {
  if (pdu.command_status === 0) {
    seen.ids.push(pdu.message_id);
  } else {
    seen.refused += 1;
  }
  leaveWhenDone();
}

session.on("error", (error) => {
  seen.error = String(error);
  finish(1);
});
session.on("deliver_sm", (pdu) => {
  seen.delivered = String(pdu.short_message.message) + "/" + pdu.receipted_message_id + "/" + pdu.message_state;
  session.send(pdu.response());
  leaveWhenDone();
});
session.on("connect", () => {
  session.bind_transceiver({ system_id: "node", password: "secret", interface_version: 0x34 }, (pdu) => {
    seen.bind = pdu.command_status;
    seen.version = pdu.sc_interface_version;
    for (let i = 0; i < 10; i += 1) {
      session.submit_sm(
        {
          destination_addr: "8613800138000",
          registered_delivery: 1,
          short_message: { udh: Buffer.from([5, 0, 3, 7, 2, 1]), message: `part ${i}` },
          user_message_reference: 100 + i,
        },
        answered,
      );
    }
  });
});
