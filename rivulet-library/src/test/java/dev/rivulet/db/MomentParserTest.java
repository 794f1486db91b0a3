package dev.rivulet.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rivulet.ltx.Txid;
import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MomentParserTest {
  private static final long NOW = Instant.parse("2026-03-31T10:20:30.456Z").toEpochMilli();

  @ParameterizedTest(name = "{0} is {1}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          2026-11-22T10:00:00Z            | 2026-11-22T10:00:00Z
          2026-11-22t10:00:00z            | 2026-11-22T10:00:00Z
          2026-11-22T10:00:00.1Z          | 2026-11-22T10:00:00.100Z
          2026-11-22T10:00:00.123Z        | 2026-11-22T10:00:00.123Z
          2026-11-22T10:00:00.1230000Z    | 2026-11-22T10:00:00.123Z
          2026-11-22T10:00:00.123456789Z  | 2026-11-22T10:00:00.124Z
          2026-11-22T10:00:00.999999Z     | 2026-11-22T10:00:01Z
          2026-11-22T10:00:00+02:00       | 2026-11-22T08:00:00Z
          2026-11-22T10:00:00 02:00       | 2026-11-22T08:00:00Z
          2026-11-22T10:00:00.5 02:00     | 2026-11-22T08:00:00.500Z
          2026-11-22T10:00:00-0530        | 2026-11-22T15:30:00Z
          2026-11-22 10:00:00 +02         | 2026-11-22T08:00:00Z
          2026-11-22 00:30:00+01:00       | 2026-11-21T23:30:00Z
          2026-11-22 10:00:00             | 2026-11-22T10:00:00Z
          2026-11-22 10:00:00 UTC         | 2026-11-22T10:00:00Z
          2026-11-22 10:00                | 2026-11-22T10:00:00Z
          2026-11-22T10:00+02:00          | 2026-11-22T08:00:00Z
          2026-12-31T23:59:60Z            | 2027-01-01T00:00:00Z
          2026-11-22                      | 2026-11-22T00:00:00Z
          2024-02-29                      | 2024-02-29T00:00:00Z
          1969-12-31T23:59:59.5Z          | 1969-12-31T23:59:59.500Z
          """)
  void anAbsoluteTimeIsUtcUnlessItHasAnOffset(String text, Instant time) {
    assertThat(MomentParser.parse(text, NOW)).isEqualTo(new Moment.Before(time.toEpochMilli()));
  }

  @ParameterizedTest(name = "{0} is {1}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          now                              | 2026-03-31T10:20:30.456Z
          today                            | 2026-03-31T10:20:30.456Z
          Yesterday                        | 2026-03-30T10:20:30.456Z
          yesterday 14:30                  | 2026-03-30T14:30:00Z
          today at 08:00:01                | 2026-03-31T08:00:01Z
          5 minutes ago                    | 2026-03-31T10:15:30.456Z
          5 minutes                        | 2026-03-31T10:15:30.456Z
          an hour ago                      | 2026-03-31T09:20:30.456Z
          one hour ago                     | 2026-03-31T09:20:30.456Z
          1 day 2 hours ago                | 2026-03-30T08:20:30.456Z
          1 day, 2 hours and 3 min ago     | 2026-03-30T08:17:30.456Z
          1d 2h 3m 4s ago                  | 2026-03-30T08:17:26.456Z
          1h30m ago                        | 2026-03-31T08:50:30.456Z
          1.5 hours ago                    | 2026-03-31T08:50:30.456Z
          90 sec ago                       | 2026-03-31T10:19:00.456Z
          2 hrs 1 mins 1 secs ago          | 2026-03-31T08:19:29.456Z
          250 ms ago                       | 2026-03-31T10:20:30.206Z
          2 w ago                          | 2026-03-17T10:20:30.456Z
          last week                        | 2026-03-24T10:20:30.456Z
          last day                         | 2026-03-30T10:20:30.456Z
          1 month ago                      | 2026-02-28T10:20:30.456Z
          last year                        | 2025-03-31T10:20:30.456Z
          2 years 1 month 1 day ago        | 2024-02-28T10:20:30.456Z
          0 seconds ago                    | 2026-03-31T10:20:30.456Z
          """)
  void aRelativeTimeCountsBackFromNow(String text, Instant time) {
    assertThat(MomentParser.parse(text, NOW)).isEqualTo(new Moment.Before(time.toEpochMilli()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"LATEST", "latest", " Latest "})
  void latestIsTheNewestState(String text) {
    assertThat(MomentParser.parse(text, NOW)).isEqualTo(Moment.LATEST);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "soon",
        "tomorrow",
        "in 5 minutes",
        "ago",
        "5 ago",
        "minutes ago",
        "5 parsecs ago",
        "5 minutes ago ago",
        "last 5 minutes",
        "-5 minutes",
        "1.5 months ago",
        "1..5 hours ago",
        "99999999999999999 days ago",
        "9999999999 years ago",
        "3000 years ago",
        "2026-13-01",
        "2026-02-29",
        "2026-11-22T",
        "2026-11-22T1:00:00Z",
        "2026-11-22T24:00:00Z",
        "2026-11-22T10:60:00Z",
        "2026-11-22T10:00:00.Z",
        "2026-11-22T10:00:00,5Z",
        "2026-11-22T10:00:00+2",
        "2026-11-22T10:00:00+25:00",
        "2026-11-22T10:00:00 02",
        "2026-11-22T10:00:00 CET",
        "2026-11-22X10:00:00Z",
        "0000-01-01",
        "2026-11-22T10:00:00ZZ",
        "5 minütes ago",
        "yesterday 25:00"
      })
  void whatIsNoTimeIsRefusedByAMessageThatShowsWhatIs(String text) {
    assertThatThrownBy(() -> MomentParser.parse(text, NOW))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("\"" + text + "\" is no time; write one as 2026-01-31T12:00:00Z")
        .hasMessageContaining("5 minutes ago")
        .hasMessageContaining("LATEST");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ff", "FF", "00000000000000ff", " 0ff "})
  void aTxidIsUpToSixteenHexDigits(String text) {
    assertThat(MomentParser.parseTxid(text)).isEqualTo(new Moment.At(new Txid(255)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "0", "xyz", "0x1", "00000000000000001", "ffffffffffffffff", "-1", "١"})
  void whatIsNoTxidIsRefused(String text) {
    assertThatThrownBy(() -> MomentParser.parseTxid(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("hex digits");
  }
}
