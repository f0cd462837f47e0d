"""The words of Kamailio (5.6 and later): a registrar for waiting phones, which hands NOTIFYs of provd on to them."""

from provserver.pbx.config.plan import MOST_SHARED, Files, Plan, filled, provd_section

_MAIN = """\
#!KAMAILIO
# A registrar for waiting phones; the routes are those of pbx-facts section 5. To have codes dialled here, and not at
# a PBX behind it, install kamailio-utils-modules and take the two # away:
##!define WITH_CLAIMS
##!substdef "!PROVD_TOKEN!a token with the ACL provd.claims.create!g"

listen=udp:@pbx@:@sip_port@
listen=tcp:@pbx@:@sip_port@
log_stderror=yes
children=8  # a claim keeps one of them busy until provd has answered

loadmodule "db_text.so"
loadmodule "kex.so"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "maxfwd.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "nathelper.so"
loadmodule "auth.so"
loadmodule "htable.so"
#!ifdef WITH_CLAIMS
loadmodule "http_client.so"
modparam("http_client", "connection_timeout", 15)   # who has dialled wrong codes waits up to 12 s
#!endif

modparam("htable", "db_url", "text://@folder@/dbtext")
modparam("htable", "htable", "slots=>size=12;dbtable=slots;")
modparam("usrloc", "db_mode", 0)
modparam("registrar", "max_expires", 300)       # keeps the list of contacts true
modparam("registrar", "max_contacts", @contacts@)
modparam("nathelper|registrar", "received_avp", "$avp(RECEIVED)")
modparam("nathelper", "natping_interval", 20)   # keeps NATs open: many forget a phone that is silent for 30 s
modparam("tm", "fr_timer", 30000)

request_route {
    if (!mf_process_maxfwd_header("10")) { sl_send_reply("483", "Too Many Hops"); exit; }
    force_rport();
    # provd tells a phone: one of its contacts (;alias=), or all that its account has.
    if (is_method("NOTIFY") && !has_totag() && $si == "@provd@") {
        if ($ru =~ ";alias=") { handle_ruri_alias(); t_relay(); exit; }
        if (!lookup("location")) { sl_send_reply("480", "Not registered"); exit; }
        t_relay();
        exit;
    }
    if (is_method("REGISTER")) {
        if ($sht(slots=>$au) == $null || !pv_www_authenticate("$td", "$sht(slots=>$au)", "0")) {
            www_challenge("$td", "1");
            exit;
        }
        # Digest does not tie the user to the account: without this any phone could take another one's.
        if ($au != $tU || !($au =~ "@accounts@")) { sl_send_reply("403", "Not your account"); exit; }
        fix_nated_register();
        @save@
        exit;
    }
#!ifdef WITH_CLAIMS
    if (is_method("INVITE") && $rU =~ "^[0-9]{6}$") { route(CLAIM); exit; }
#!endif
    if (is_method("ACK")) { t_check_trans(); exit; }
    sl_send_reply("403", "Dial your provisioning code");
}

#!ifdef WITH_CLAIMS
# The phone shows the words of the answer; it is told to restart 5 s later. provd lets who has dialled wrong codes
# wait, and the phone sends its INVITE again meanwhile: the transaction sees to it that this is one claim.
route[CLAIM] {
    if ($sht(slots=>$au) == $null || !pv_proxy_authenticate("$fd", "$sht(slots=>$au)", "0")) {
        proxy_challenge("$fd", "1");
        exit;
    }
    if ($au != $fU) { sl_send_reply("403", "Not your account"); exit; }
    if (!t_newtran()) { exit; }
    t_reply("100", "Trying");
    $var(number) = $(pr{s.replace,udp,1}{s.replace,tcp,2}{s.replace,tls,3});
    $var(contact) = $(ct{nameaddr.uri}{s.escape.common}) + ";alias=" + $si + "~" + $sp + "~" + $var(number);
    $var(mark) = $(fn{s.rm,"}{s.select,-1, });  # the last word of the display name
    if (!($var(mark) =~ "^[2-9A-HJ-NP-Z]{6}$")) { $var(mark) = ""; }
    $var(body) = '{"claim": {"code": "' + $rU + '", "slot": "' + $au + '", "mark": "' + $var(mark) + '",';
    $var(body) = $var(body) + ' "ip": "' + $si + '", "contact": "' + $var(contact) + '"}}';
    $var(headers) = "Content-Type: application/json\\r\\nX-Auth-Token: PROVD_TOKEN";
    http_client_query("@rest_url@/0.2/claims", "$var(body)", "$var(headers)", "$var(answer)");
    switch ($rc) {
        case 200: t_reply("486", "Thank you, the phone restarts"); break;
        case 409: t_reply("404", "Wrong code"); break;
        case 429: t_reply("480", "Too many wrong codes, wait"); break;
        default: t_reply("503", "Try again later");
    }
}
#!endif
"""


_COLUMNS = "key_name(string) key_type(int) value_type(int) key_value(string) expires(int)\n"


def kamailio(plan: Plan) -> Files:
    slots = (f"{slot.user}:0:0:{slot.secret}:0\n" for slot in plan.pool.slots)
    words = {
        "pbx": plan.pbx,
        "sip_port": str(plan.sip_port),
        "provd": plan.provd.strip("[]"),
        "accounts": plan.accounts,
        "rest_url": plan.rest_url,
        "folder": plan.folder,
        "contacts": str(MOST_SHARED if plan.shared else 0),
        # A phone that boots behind a new NAT port takes the place of its old contact; max_contacts would refuse it.
        "save": 'save("location");' if plan.shared else 'save("location", "0x04");',
    }
    return {
        "kamailio.cfg": filled(_MAIN, words),
        "dbtext/slots": "".join([_COLUMNS, *slots]),
        "provd.toml": provd_section("sip", plan, f"port = {plan.sip_port}", 'transport = "udp"'),
    }
