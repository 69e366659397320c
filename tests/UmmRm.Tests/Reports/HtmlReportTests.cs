using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using UmmRm.Recipes;
using UmmRm.Reports;
using UmmRm.Tests.Recipes;

namespace UmmRm.Tests.Reports;

public sealed class HtmlReportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Page_AnswersThatAreMarkup_AreShownAsText()
    {
        var page = Page(SyntheticRun.Write(_folder["run"]));
        Assert.DoesNotContain("<script>document.title", page, StringComparison.Ordinal);
        Assert.Contains(WebUtility.HtmlEncode(SyntheticRun.Hostile), page, StringComparison.Ordinal);
    }

    [Fact]
    public void Page_Whole_AsksForNothingFromElsewhere()
    {
        var page = Page(SyntheticRun.Write(_folder["run"]));
        Assert.DoesNotMatch("(?i)(src|href)=\"(?!#|data:)|@import|url\\(", page);
        Assert.DoesNotContain("http-equiv=\"refresh\"", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Page_WhileWatched_LoadsItselfAgain() =>
        Assert.Contains("<meta http-equiv=\"refresh\" content=\"10\">", Page(SyntheticRun.WriteHalf(_folder["run"]), reload: 10), StringComparison.Ordinal);

    [Fact]
    public async Task Page_InChromium_DrawsEveryFigureWideAndOnAPhoneWithoutAConsoleMessage()
    {
        var browser = Browser();
        Assert.SkipWhen(browser is null, "no chromium, chromium-browser or google-chrome in PATH");
        var report = RunReading.Open(SyntheticRun.Write(_folder["run"])).Read();
        var page = HtmlReport.Write(report, new ReportContent(report));
        var figures = new ReportContent(report).Figures.Count();
        File.WriteAllText(_folder["frames.html"], Frames(page));
        var (dom, log) = await Dump(browser!, _folder["frames.html"]);
        Assert.DoesNotContain("CONSOLE", log, StringComparison.Ordinal);
        var start = dom.IndexOf("<pre id=\"measured\">", StringComparison.Ordinal) + "<pre id=\"measured\">".Length;
        var measured = JsonNode.Parse(WebUtility.HtmlDecode(dom[start..dom.IndexOf("</pre>", start, StringComparison.Ordinal)]))!;
        Assert.Empty(measured["errors"]!.AsArray());
        foreach (var (name, width) in new[] { ("wide", 1000), ("phone", 390) })
        {
            var frame = measured[name]!;
            Assert.Equal("synthetic: report", frame["title"]!.GetValue<string>());
            Assert.True(frame["overflow"]!.GetValue<double>() <= width, $"{name}: the page is wider than {width}");
            var drawn = frame["figures"]!.AsArray();
            Assert.Equal(figures, drawn.Count);
            Assert.All(drawn, figure =>
            {
                Assert.True(figure!["width"]!.GetValue<double>() > 250 && figure["height"]!.GetValue<double>() > 60, figure.ToJsonString());
                Assert.True(figure["shapes"]!.GetValue<int>() > 3, figure.ToJsonString());
            });
        }
    }

    private static string Page(string run, int? reload = null)
    {
        var report = RunReading.Open(run).Read();
        return HtmlReport.Write(report, new ReportContent(report), reload);
    }

    /// <summary>The page in two frames, of a desk's and of a phone's width, and a script that measures each figure's visible svg.</summary>
    private static string Frames(string page) => $$$"""
        <!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><pre id="measured"></pre>
        <iframe id="wide" width="1000" height="900" srcdoc="{{{WebUtility.HtmlEncode(page)}}}"></iframe><iframe id="phone" width="390" height="900" srcdoc="{{{WebUtility.HtmlEncode(page)}}}"></iframe>
        <script>
        var out = { errors: [] };
        onerror = function (m) { out.errors.push(String(m)) };
        onload = function () {
          ['wide', 'phone'].forEach(function (id) {
            var doc = document.getElementById(id).contentDocument;
            doc.defaultView.onerror = onerror;
            doc.dispatchEvent(new PointerEvent('pointermove', { clientX: 200, clientY: 300 }));
            doc.querySelector('[data-tip]').dispatchEvent(new PointerEvent('pointermove', { bubbles: true, clientX: 200, clientY: 300 }));
            out[id] = { title: doc.title, overflow: doc.documentElement.scrollWidth, figures: Array.from(doc.querySelectorAll('figure')).map(function (figure) {
              var svg = Array.from(figure.querySelectorAll('svg')).filter(function (s) { return s.getBoundingClientRect().width > 0 })[0], box = svg && svg.getBoundingClientRect();
              return { name: figure.id, width: box ? box.width : 0, height: box ? box.height : 0, shapes: svg ? Array.from(svg.querySelectorAll('path,rect,circle')).filter(function (m) { var b = m.getBoundingClientRect(); return b.width + b.height > 0 }).length : 0 };
            }) };
          });
          document.getElementById('measured').textContent = JSON.stringify(out);
        };
        </script>
        """;

    private async Task<(string Dom, string Log)> Dump(string browser, string page)
    {
        using var process = Process.Start(new ProcessStartInfo(browser,
            ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-dev-shm-usage", $"--user-data-dir={_folder["profile"]}", "--enable-logging=stderr", "--virtual-time-budget=3000", "--dump-dom", new Uri(page).AbsoluteUri])
        { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (dom, log) = (process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (await dom, await log);
    }

    private static string? Browser() =>
        (from folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
         from name in new[] { "chromium", "chromium-browser", "google-chrome" }
         let path = Path.Combine(folder, name)
         where File.Exists(path)
         select path).FirstOrDefault();
}
