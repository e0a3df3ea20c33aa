// An SMSC by jSMPP for one bind: takes every operation. Prints its port; ends when the ESME has gone.
import java.net.ServerSocket;
import org.jsmpp.PDUStringException;
import org.jsmpp.bean.*;
import org.jsmpp.session.*;
import org.jsmpp.util.MessageId;

public class Smsc implements ServerMessageReceiverListener {
  private static MessageId id(String text) {
    try {
      return new MessageId(text);
    } catch (PDUStringException e) {
      throw new IllegalArgumentException(e);
    }
  }

  public SubmitSmResult onAcceptSubmitSm(SubmitSm pdu, SMPPServerSession session) {
    return new SubmitSmResult(id("java-" + new String(pdu.getShortMessage())), new OptionalParameter[0]);
  }

  public SubmitMultiResult onAcceptSubmitMulti(SubmitMulti pdu, SMPPServerSession session) {
    UnsuccessDelivery[] failed = {
      new UnsuccessDelivery((byte) 1, (byte) 1, "8613800138001", 11)
    };
    return new SubmitMultiResult("multi-" + pdu.getDestAddresses().length, failed, new OptionalParameter[0]);
  }

  public QuerySmResult onAcceptQuerySm(QuerySm pdu, SMPPServerSession session) {
    return new QuerySmResult("261122160500000+", MessageState.DELIVERED, (byte) 7);
  }

  public void onAcceptReplaceSm(ReplaceSm pdu, SMPPServerSession session) {}

  public void onAcceptCancelSm(CancelSm pdu, SMPPServerSession session) {}

  public BroadcastSmResult onAcceptBroadcastSm(BroadcastSm pdu, SMPPServerSession session) {
    return new BroadcastSmResult(id("broadcast"), new OptionalParameter[0]);
  }

  public void onAcceptCancelBroadcastSm(CancelBroadcastSm pdu, SMPPServerSession session) {}

  public QueryBroadcastSmResult onAcceptQueryBroadcastSm(QueryBroadcastSm pdu, SMPPServerSession session) {
    return new QueryBroadcastSmResult(id(pdu.getMessageId()), new OptionalParameter[0]);
  }

  public DataSmResult onAcceptDataSm(DataSm pdu, Session source) {
    byte[] payload = pdu.getOptionalParameter(OptionalParameter.Message_payload.class).getValue();
    return new DataSmResult(id("data-" + new String(payload)), new OptionalParameter[0]);
  }

  public static void main(String[] args) throws Exception {
    ServerSocket free = new ServerSocket(0);
    int port = free.getLocalPort();
    free.close();
    try (SMPPServerSessionListener listener = new SMPPServerSessionListener(port)) {
      System.out.println(port);
      SMPPServerSession session = listener.accept();
      session.setMessageReceiverListener(new Smsc());
      session.waitForBind(5000).accept("java", InterfaceVersion.IF_50);
      while (session.getSessionState().isBound()) Thread.sleep(20);
    }
  }
}
