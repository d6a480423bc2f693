import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.Key;
import java.security.KeyStore;
import java.security.cert.Certificate;

/** Copies the key `broker1` of a PKCS#12 store into a new one, under a password of its own: FROM TO STOREPASS KEYPASS. */
class OtherKeyPassword {
    public static void main(String[] arguments) throws Exception {
        char[] storePassword = arguments[2].toCharArray();
        KeyStore from = KeyStore.getInstance("PKCS12");
        try (InputStream in = new FileInputStream(arguments[0])) {
            from.load(in, storePassword);
        }
        Key key = from.getKey("broker1", storePassword);
        Certificate[] chain = from.getCertificateChain("broker1");
        KeyStore to = KeyStore.getInstance("PKCS12");
        to.load(null, null);
        to.setKeyEntry("broker1", key, arguments[3].toCharArray(), chain);
        try (OutputStream out = new FileOutputStream(arguments[1])) {
            to.store(out, storePassword);
        }
    }
}
