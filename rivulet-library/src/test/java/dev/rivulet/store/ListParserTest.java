package dev.rivulet.store;

import static dev.rivulet.store.ObjectStoreContract.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ListParserTest {
  private static final String GOOD =
      """
      <?xml version="1.0" encoding="UTF-8"?><!-- <Contents> -->
      <s3:ListBucketResult xmlns:s3="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name>
      <Prefix>p/</Prefix><IsTruncated>true</IsTruncated>
      <Contents><Key>p/a%2Bb+c</Key><LastModified>2024-01-15T10:30:00.123Z</LastModified>
      <ETag>&quot;e1&quot;</ETag><Size>5</Size><Owner><ID>x</ID><Key>no</Key></Owner></Contents>
      <Contents><Key>p/b&amp;<![CDATA[<]]>&#x1F600;</Key><Size>9000000000</Size>
      <ETag>W/"e2"</ETag><LastModified>2024-02-29T00:00:00Z</LastModified></Contents>
      <CommonPrefixes><Prefix>p/x/</Prefix></CommonPrefixes>
      <EncodingType>url</EncodingType><NextContinuationToken/></s3:ListBucketResult>
      """;

  private static ListPage parse(String xml) throws StoreException {
    return new ListParser("p/", "", "").parse(utf8(xml), 10);
  }

  private static String list(String contents) {
    return "<ListBucketResult>" + contents + "</ListBucketResult>";
  }

  @Test
  void aListingIsReadWithItsEntitiesEncodingAndTimes() throws Exception {
    ListPage page = parse(GOOD);
    assertThat(page.truncated()).isTrue();
    assertThat(page.objects())
        .containsExactly(
            new ObjectEntry("a+b c", 5, "e1", 1705314600123L),
            new ObjectEntry("b&<😀", 9_000_000_000L, "W/\"e2\"", 1709164800000L));
  }

  @Test
  void everyTruncationOfAListingIsAnError() {
    String text = GOOD.strip();
    for (int i = 0; i < text.length(); i++) {
      String cut = text.substring(0, i);
      assertThatThrownBy(() -> parse(cut)).as(cut).isInstanceOf(StoreException.class);
    }
  }

  @Test
  void randomDamageGivesAPageOrAStoreException() {
    Random random = new Random(42);
    byte[] good = utf8(GOOD);
    for (int i = 0; i < 20_000; i++) {
      byte[] bad = good.clone();
      for (int j = random.nextInt(5); j >= 0; j--) {
        bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
      }
      try {
        new ListParser("p/", "", "")
            .parse(bad, 10)
            .objects()
            .forEach(e -> assertThat(e.size()).isNotNegative());
      } catch (StoreException e) {
        assertThat(e.getMessage()).endsWith(".");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<!DOCTYPE x [<!ENTITY a \"aaaa\">]><ListBucketResult/>",
        "<ListBucketResult>&a;</ListBucketResult>",
        "<ListBucketResult>&#xD800;</ListBucketResult>",
        "<ListBucketResult>&#99999999;</ListBucketResult>",
        "<ListBucketResult>& b</ListBucketResult>",
        "<a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a>",
        "<html/>",
        "",
        "not xml",
        "</ListBucketResult>",
        "<ListBucketResult a='>",
        "<>x</>",
        "<ListBucketResult <b/>/>",
      })
  void hostileXmlIsRefused(String xml) {
    assertThatThrownBy(() -> parse(xml)).isInstanceOf(StoreException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<Contents><Key>q/a</Key><Size>1</Size></Contents>",
        "<Contents><Key>p/a</Key></Contents>",
        "<Contents><Key>p/a</Key><Size>-1</Size></Contents>",
        "<Contents><Key>p/a</Key><Size>99999999999999999999</Size></Contents>",
        "<Contents><Key>p/b</Key><Size>1</Size></Contents><Contents><Key>p/a</Key><Size>1</Size></Contents>",
        "<Contents><Key>p/b</Key><Size>1</Size></Contents><Contents><Key>p/b</Key><Size>1</Size></Contents>",
        "<IsTruncated>true</IsTruncated>",
        "<IsTruncated>yes</IsTruncated>",
        "<IsTruncated/>",
      })
  void aListingThatCannotBeTrueIsRefused(String contents) {
    assertThatThrownBy(() -> parse(list(contents))).isInstanceOf(StoreException.class);
  }

  @Test
  void entriesBeyondTheLimitOrOffThePrefixAreRefused() {
    String two =
        list(
            "<Contents><Key>p/a</Key><Size>1</Size></Contents>"
                + "<Contents><Key>p/b</Key><Size>1</Size></Contents>");
    assertThatThrownBy(() -> new ListParser("p/", "", "").parse(utf8(two), 1))
        .isInstanceOf(StoreException.class);
    assertThatThrownBy(() -> new ListParser("p/", "", "b").parse(utf8(two), 5))
        .isInstanceOf(StoreException.class);
  }

  @ParameterizedTest
  @CsvSource({"true, true", "True, true", "1, true", "' true ', true", "false, false", "0, false"})
  void whetherThereIsMoreIsReadAsGoReadsIt(String said, boolean more) throws Exception {
    String one = "<Contents><Key>p/a</Key><Size>1</Size></Contents>";
    assertThat(parse(list(one + "<IsTruncated>" + said + "</IsTruncated>")).truncated())
        .isEqualTo(more);
  }

  @Test
  void aTokenSaysThatThereIsMoreIfNothingElseDoes() throws Exception {
    String one = "<Contents><Key>p/a</Key><Size>1</Size></Contents>";
    String token = "<NextContinuationToken>t</NextContinuationToken>";
    assertThat(parse(list(one + token)).truncated()).isTrue();
    assertThat(parse(list(one + "<NextContinuationToken/>")).truncated()).isFalse();
  }

  @Test
  void entriesBeforeTheStartAreLeftOutAndIfThereAreNoOthersTheTokenLeadsOn() throws Exception {
    String two =
        list(
            "<Contents><Key>p/a</Key><Size>1</Size></Contents>"
                + "<Contents><Key>p/b</Key><Size>1</Size></Contents>"
                + "<IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>");
    ListParser first = new ListParser("p/", "a", "");
    assertThat(first.parse(utf8(two), 5).objects()).extracting("key").containsExactly("b");
    assertThat(first.continuation()).isEmpty();
    ListParser second = new ListParser("p/", "b", "");
    assertThat(second.parse(utf8(two), 5).objects()).isEmpty();
    assertThat(second.continuation()).isEqualTo("t");
  }

  @Test
  void aFoldersMarkIsNoObject() throws Exception {
    assertThat(parse(list("<Contents><Key>p/</Key><Size>0</Size></Contents>")).objects()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "1970-01-01T00:00:00Z, 0",
    "2000-02-29T12:34:56.7Z, 951827696700",
    "2100-03-01T00:00:00.000000001Z, 4107542400000",
    "2024-13-01T00:00:00, 0",
    "junk, 0",
    "2024-01-15T10:30:00.1x3Z, 0",
  })
  void timesAreRead(String text, long millis) {
    assertThat(IsoTime.millis(text)).isEqualTo(millis);
  }
}
