use super::*;

fn file(text: &str) -> PropertiesFile {
    PropertiesFile::read(text.as_bytes()).unwrap()
}

fn node(file: &PropertiesFile) -> NodeSettings<'_> {
    match KafkaSettings::of(file) {
        KafkaSettings::Node(node) => *node,
        other => panic!("{other:?}"),
    }
}

const COMBINED: &str = "process.roles=broker,controller\nnode.id=1
listeners=INTERNAL://:9092,External://0.0.0.0:9093,CONTROLLER://ctl:9094
advertised.listeners=INTERNAL://b1.example:9092,EXTERNAL://[2001:db8::1]:9093
listener.security.protocol.map=internal:SSL,EXTERNAL:SASL_SSL,CONTROLLER:PLAINTEXT
inter.broker.listener.name=internal
controller.listener.names=CONTROLLER
controller.quorum.voters=1@c1:9094,2@c2:9094
ssl.keystore.type=PKCS12\nssl.keystore.location=/g.p12\nssl.keystore.password=gggggg
ssl.client.auth=required
listener.name.internal.ssl.keystore.location=/i.p12
";

#[test]
fn listeners_have_their_protocols_and_names() {
    let file = file(COMBINED);
    let node = node(&file);
    assert_eq!(node.faults, []);
    assert_eq!(node.roles, [Role::Broker, Role::Controller]);
    let listeners: Vec<_> = node.listeners.iter().map(|l| (l.name.as_str(), l.protocol, node.hosts(l))).collect();
    let wanted = [
        ("INTERNAL", SecurityProtocol::Ssl, vec![Some("b1.example")]),
        ("EXTERNAL", SecurityProtocol::SaslSsl, vec![Some("2001:db8::1")]),
        ("CONTROLLER", SecurityProtocol::Plaintext, vec![Some("c1"), Some("ctl")]),
    ];
    assert_eq!(listeners, wanted);
    let flags: Vec<_> = node.listeners.iter().map(|l| (l.is_inter_broker, l.is_controller)).collect();
    assert_eq!(flags, [(true, false), (false, false), (false, true)]);
    assert_eq!(node.controllers.unwrap().name, "CONTROLLER");
}

#[test]
fn a_controller_is_reached_by_what_the_quorum_says_of_it_alone() {
    let hosts = |lines: &str| {
        let text = format!(
            "process.roles=controller\nnode.id=2\nlisteners=CTL://:9094\ncontroller.listener.names=CTL\n{lines}"
        );
        let file = file(&text);
        let node = node(&file);
        node.hosts(&node.listeners[0]).into_iter().map(|host| host.map(str::to_owned)).collect::<Vec<_>>()
    };
    let own = |host: &str| vec![None, Some(host.to_owned())];
    assert_eq!(hosts("controller.quorum.voters=1@c1:9094,2@c2:9094,3@c3:9094"), own("c2"));
    assert_eq!(hosts("controller.quorum.bootstrap.servers=c1:9094,c2:9094,c3:9094"), [None]);
    assert_eq!(hosts("controller.quorum.bootstrap.servers=c2:9094"), own("c2"));
}

#[test]
fn a_listener_goes_by_its_prefix_and_then_by_none() {
    let file = file(COMBINED);
    let node = node(&file);
    let location = |listener: &Listener<'_>| match listener.ssl.keystore().unwrap().unwrap() {
        StoreSource::File { store_type, location, password } => {
            (store_type.to_owned(), location.text().to_owned(), password.unwrap().text().to_owned())
        }
        other => panic!("{other:?}"),
    };
    let of = |location: &str| ("PKCS12".to_owned(), location.to_owned(), "gggggg".to_owned());
    assert_eq!(location(&node.listeners[0]), of("/i.p12"));
    assert_eq!(location(&node.listeners[1]), of("/g.p12"));
    // A SASL_SSL listener does not hear the global ssl.client.auth.
    assert_eq!(node.listeners[0].ssl.client_auth(), Ok(ClientAuth::Required));
    assert_eq!(node.listeners[1].ssl.client_auth(), Ok(ClientAuth::None));
}

#[test]
fn what_a_file_is_for_shows_in_its_keys() {
    let client = "security.protocol=ssl\nssl.truststore.location=/t";
    let part = "ssl.keystore.location=/k\nssl.client.auth=required";
    let worker = "bootstrap.servers=b:1\nlisteners=https://:8443\nproducer.security.protocol=SSL\nkey.converter=x";
    let (client, part, worker) = (file(client), file(part), file(worker));
    let KafkaSettings::Client(settings) = KafkaSettings::of(&client) else { panic!() };
    assert_eq!(settings.security_protocol, Ok(SecurityProtocol::Ssl));
    assert!(matches!(KafkaSettings::of(&part), KafkaSettings::Part(_)));
    let KafkaSettings::Client(settings) = KafkaSettings::of(&worker) else { panic!() };
    assert_eq!(settings.security_protocol, Ok(SecurityProtocol::Plaintext));
}

#[test]
fn defaults_are_kafkas() {
    let empty = file("");
    let ssl = SslSettings::of(&empty);
    assert!(ssl.keystore().unwrap().is_none() && ssl.truststore().unwrap().is_none());
    assert_eq!(ssl.endpoint_identification(), Ok("https"));
    assert_eq!(ssl.enabled_protocols(), Ok(vec!["TLSv1.2", "TLSv1.3"]));
    assert_eq!(ssl.cipher_suites(), Ok(vec![]));
    assert_eq!(ssl.principal_mapping_rules(), Ok("DEFAULT"));
    assert_eq!((ssl.allow_dn_changes(), ssl.allow_san_changes()), (Ok(false), Ok(false)));
    assert_eq!(ssl.client_auth(), Ok(ClientAuth::None));
}

#[test]
fn stores_are_refused_as_by_kafka() {
    let keystore = |text: &str| SslSettings::of(&file(text)).keystore().unwrap_err().to_string();
    let with = "SSL key store password cannot be specified with PEM format, only key password may be specified.";
    assert_eq!(keystore("ssl.keystore.type=PEM\nssl.keystore.location=/k\nssl.keystore.password="), with);
    let without = "SSL key store is specified, but key store password is not specified.";
    assert_eq!(keystore("ssl.keystore.type=pem\nssl.keystore.location=/k"), without);
    let truststore = |text: &str| SslSettings::of(&file(text)).truststore().unwrap_err().to_string();
    let not_pem = "SSL trust store certs can be specified only for PEM, but trust store type is p\\u{1b}q.";
    assert_eq!(truststore("ssl.truststore.type=p\x1bq\nssl.truststore.certificates=x"), not_pem);
}

#[test]
fn a_variable_is_told_from_a_value() {
    let text = "config.providers=env, file\nssl.keystore.password=${file:/s:k}\nssl.key.password=${vault:k}";
    let file = file(text);
    let ssl = SslSettings::of(&file);
    let unresolved = ssl.get(keys::KEYSTORE_PASSWORD).unwrap().resolved();
    let wanted = SettingError::Unresolved { key: keys::KEYSTORE_PASSWORD.into(), line: 2, provider: "file".into() };
    assert_eq!(unresolved, Err(wanted));
    assert_eq!(ssl.key_password().unwrap().resolved(), Ok("${vault:k}"));
    assert_eq!(ssl.get(keys::KEYSTORE_PASSWORD).unwrap().text(), "${file:/s:k}");
}

#[test]
fn endpoints_are_read_as_by_kafkas_expression() {
    let text = "listeners=A://:1,B://[::1]:2,C://h.x:3/path,D://h,E://a b:4,F://h:99999,G://h:0\nnode.id=1
listener.security.protocol.map=A:SSL,B:SSL,C:SSL,D:SSL,E:SSL,F:SSL,G:SSL";
    let file = file(text);
    let node = node(&file);
    let bound: Vec<_> = node.listeners.iter().map(|l| l.bound.map(|b| (b.host, b.port)).unwrap()).collect();
    assert_eq!(bound, [(None, 1), (Some("::1"), 2), (Some("h"), 0)]);
    let refused =
        ["C://h.x:3/path", "D://h", "E://a b:4", "F://h:99999"].map(|item| ListenerFault::NoEndpoint(item.into()));
    assert_eq!(node.faults, refused);
}

#[test]
fn hostile_lists_end() {
    let many = format!("node.id=1\nlisteners={}", "A://:1,".repeat(50_000));
    let file = file(&many);
    let node = node(&file);
    assert!(node.listeners.len() <= MAX_LISTENERS);
    assert!(node.faults.contains(&ListenerFault::TooMany("listeners")));
}
