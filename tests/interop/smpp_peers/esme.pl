#!/usr/bin/perl
# An ESME by Net::SMPP: esme.pl PORT. Binds, submits a message, takes a deliver_sm, unbinds; prints what it saw, a line
# each.
use strict;
use warnings;
use Net::SMPP;

my ($smpp, $resp) = Net::SMPP->new_transceiver(
    '127.0.0.1',
    port         => $ARGV[0],
    system_id    => 'perl',
    password     => 'secret',
    smpp_version => 0x34,
) or die "no bind: $!";
print "bind $resp->{status} $resp->{system_id}\n";

my $sequence = $smpp->submit_sm(
    source_addr         => '10654040',
    destination_addr    => '8613800138000',
    registered_delivery => 1,
    short_message       => 'from perl',
    async               => 1,
) or die "no submit_sm: $!";

my ($answered, $delivered) = (0, 0);
until ($answered && $delivered) {
    my $pdu = $smpp->read_pdu() or die "no PDU: $!";
    if ($pdu->{cmd} == Net::SMPP::CMD_submit_sm_resp) {
        print "submit $pdu->{status} $pdu->{message_id}\n" if $pdu->{seq} == $sequence;
        $answered = 1;
    }
    elsif ($pdu->{cmd} == Net::SMPP::CMD_deliver_sm) {
        print "deliver $pdu->{short_message}\n";
        $smpp->deliver_sm_resp(seq => $pdu->{seq}, message_id => '');
        $delivered = 1;
    }
}
my $unbound = $smpp->unbind();
print "unbind $unbound->{status}\n";
