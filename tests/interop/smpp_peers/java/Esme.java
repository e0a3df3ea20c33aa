// An ESME by jSMPP: Esme.java PORT. Binds, submits messages, takes a receipt, unbinds; prints what it saw, a line each.
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jsmpp.bean.*;
import org.jsmpp.session.*;

public class Esme {
  public static void main(String[] args) throws Exception {
    SMPPSession session = new SMPPSession();
    CountDownLatch delivered = new CountDownLatch(1);
    session.setMessageReceiverListener(
        new MessageReceiverListener() {
          public void onAcceptDeliverSm(DeliverSm pdu) {
            try {
              DeliveryReceipt receipt = pdu.getShortMessageAsDeliveryReceipt();
              System.out.println("receipt " + receipt.getId() + " " + receipt.getFinalStatus());
            } catch (Exception e) {
              System.out.println("no receipt: " + e);
            }
            delivered.countDown();
          }

          public void onAcceptAlertNotification(AlertNotification pdu) {}

          public DataSmResult onAcceptDataSm(DataSm pdu, Session source) {
            return null;
          }
        });
    String smsc =
        session.connectAndBind(
            "127.0.0.1",
            Integer.parseInt(args[0]),
            new BindParameter(
                BindType.BIND_TRX, "java", "secret", "", TypeOfNumber.UNKNOWN, NumberingPlanIndicator.UNKNOWN, null));
    System.out.println("bound to " + smsc);
    for (int i = 0; i < 3; ++i) {
      SubmitSmResult result =
          session.submitShortMessage(
              "",
              TypeOfNumber.UNKNOWN,
              NumberingPlanIndicator.ISDN,
              "10654040",
              TypeOfNumber.INTERNATIONAL,
              NumberingPlanIndicator.ISDN,
              "8613800138000",
              new ESMClass(),
              (byte) 0,
              (byte) 0,
              null,
              "000000001000000R",
              new RegisteredDelivery(1),
              (byte) 0,
              new RawDataCoding((byte) 4),
              (byte) 0,
              ("from java " + i).getBytes(),
              new OptionalParameter.More_messages_to_send((byte) 1));
      System.out.println("submitted " + result.getMessageId());
    }
    System.out.println("delivered " + delivered.await(5, TimeUnit.SECONDS));
    session.unbindAndClose();
  }
}
