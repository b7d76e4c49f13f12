# SPDX-License-Identifier: GPL-2.0-or-later
# For "perl -MKeyLog swaks ...": swaks itself cannot log the keys of its TLS sessions.
package KeyLog;
use strict;
use warnings;

# After swaks is compiled: it is written for a library whose prototypes are not known by then.
INIT {
    require Net::SSLeay;
    my $new = \&Net::SSLeay::CTX_new;
    no warnings qw(redefine prototype);
    *Net::SSLeay::CTX_new = sub {
        my $context = $new->(@_) or return;
        Net::SSLeay::CTX_set_keylog_callback($context, sub {
            open my $log, '>>', $ENV{SSLKEYLOGFILE} or die "keys: $!";
            print {$log} "$_[1]\n";
            close $log;
        });
        return $context;
    };
}
1;
