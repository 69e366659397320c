using System.Net;
using System.Text;
using UmmRm.Figures;

namespace UmmRm.Reports;

/// <summary>
/// A report as one HTML file that needs nothing else: no network, no second file. A section whose data the run does not have is left out, and the end of the page says what would make it.
/// </summary>
public sealed class HtmlReport
{
    private const double Wide = 920;
    private const double Narrow = 350;
    private const int MostSamples = 4;

    private readonly RunReport _report;
    private readonly ReportContent _content;
    private readonly StringBuilder _page = new();

    private HtmlReport(RunReport report, ReportContent content) => (_report, _content) = (report, content);

    /// <summary>The page.</summary>
    /// <param name="report">What it shows.</param>
    /// <param name="content">Its figures and tables.</param>
    /// <param name="reload">Seconds after which the page loads itself again; null for one that stays.</param>
    public static string Write(RunReport report, ReportContent content, int? reload = null)
    {
        var page = new HtmlReport(report, content);
        page.Head(reload);
        page.Body();
        return page._page.ToString();
    }

    private void Head(int? reload)
    {
        _page.Append("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n");
        if (reload is { } seconds)
            _page.Append(FormattableString.Invariant($"<meta http-equiv=\"refresh\" content=\"{seconds}\">\n"));
        _page.Append($"<link rel=\"icon\" href=\"data:,\">\n<title>{Text(_report.Title)}: report</title>\n<style>\n{ReportStyle.Css}\n</style>\n</head>\n");
    }

    private void Body()
    {
        _page.Append($"<body>\n<main>\n<h1>{Text(_report.Title)} <span class=\"status\">{Text(_report.Status)}</span></h1>\n<p class=\"muted\">{Text(_report.Description)}</p>\n");
        foreach (var trouble in _report.Troubles)
            _page.Append($"<p class=\"muted\">{Text(trouble)}</p>\n");
        foreach (var section in _content.Sections.Where(section => section.Title.Length == 0))
            Section(section);
        var titled = _content.Sections.Where(section => section.Title.Length > 0).ToList();
        _page.Append("<nav>").AppendJoin(' ', titled.Select(section => $"<a href=\"#{section.Anchor}\">{Text(section.Title)}</a>")).Append("</nav>\n");
        foreach (var section in titled)
            Section(section);
        Absent();
        _page.Append("<section id=\"run\">\n<h2>This run</h2>\n<ul class=\"facts\">");
        foreach (var (name, value) in _report.Facts)
            _page.Append($"<li>{Text(name)} <b>{Text(value)}</b></li>");
        _page.Append($"</ul>\n</section>\n</main>\n<div id=\"tip\" role=\"status\"></div>\n<script>\n{ReportStyle.Script}\n</script>\n</body>\n</html>\n");
    }

    private void Section(ReportSection section)
    {
        _page.Append($"<section id=\"{section.Anchor}\">\n");
        if (section.Title.Length > 0)
            _page.Append($"<h2>{Text(section.Title)}</h2>\n");
        if (section.Words.Length > 0)
            _page.Append($"<p class=\"lead\">{Text(section.Words)}</p>\n");
        if (section.Details.Length > 0)
            _page.Append($"<p>{Text(section.Details)}</p>\n");
        foreach (var figure in section.Figures)
            Figure(figure);
        foreach (var table in section.Tables)
            Table(table);
        foreach (var (index, method) in section.Samples.Index())
            Samples(method, open: index == 0);
        foreach (var remark in section.Remarks)
            _page.Append($"<p class=\"muted\">{Text(remark)}</p>\n");
        if (section.Folded.Length > 0)
            _page.Append($"<details><summary>show</summary><pre>{Text(section.Folded)}</pre></details>\n");
        _page.Append("</section>\n");
    }

    private void Figure(IFigure figure) => _page.Append(
        $"<figure id=\"{_content.FileNameOf(figure)}\"><h3>{Text(figure.Title)}</h3><figcaption>{Text(figure.Caption)}</figcaption><div class=\"wide\">{SvgWriter.ToElement(figure, Wide)}</div><div class=\"narrow\">{SvgWriter.ToElement(figure, Narrow)}</div></figure>\n");

    private void Table(ReportTable table)
    {
        _page.Append($"<h3>{Text(table.Title)}</h3>\n<p class=\"muted\">{Text(table.Caption)}</p>\n<div class=\"scroll\"><table><thead><tr>");
        foreach (var column in table.Table.Columns)
            _page.Append($"<th{Side(column)}>{Text(column.Title)}</th>");
        _page.Append("</tr></thead><tbody>\n");
        foreach (var row in table.Table.Rows)
        {
            _page.Append("<tr>");
            foreach (var (index, cell) in row.Index())
                _page.Append($"<td{Side(table.Table.Columns[index])}>{Text(cell.Text)}</td>");
            _page.Append("</tr>\n");
        }
        _page.Append("</tbody></table></div>\n");
    }

    private void Samples(MethodReport method, bool open)
    {
        _page.Append($"<details{(open ? " open" : "")}><summary><b>{Text(method.Name)}</b></summary>\n<div class=\"scroll\"><table class=\"samples\"><thead><tr><th>prompt</th><th>at the start</th><th>at gold's peak</th><th>at the end</th></tr></thead><tbody>\n");
        foreach (var sample in method.Samples.Take(MostSamples))
            _page.Append($"<tr><td data-at=\"prompt\">{Text(sample.Prompt)}</td>{Answer("start", sample.Start)}{Answer("peak", sample.Peak)}{Answer("end", sample.End)}</tr>\n");
        _page.Append("</tbody></table></div></details>\n");
    }

    private static string Answer(string at, AnswerReport? answer)
    {
        if (answer is null)
            return $"<td data-at=\"{at}\">-</td>";
        var gold = answer.Gold is { } value ? FormattableString.Invariant($"gold {value:0.00}, ") : "";
        var cut = answer.Ended ? "" : ", not ended";
        return $"<td data-at=\"{at}\">{Text(answer.Text)}<span class=\"score\">{gold}{FormattableString.Invariant($"proxy {answer.Proxy:0.00}, step {answer.Step}")}{cut}</span></td>";
    }

    private void Absent()
    {
        if (_content.Absent.Count == 0)
            return;
        _page.Append("<section id=\"absent\">\n<h2>Not in this run</h2>\n<ul class=\"muted\">");
        foreach (var (what, how) in _content.Absent)
            _page.Append($"<li>{Text(what)}: {Text(how)}</li>");
        _page.Append("</ul>\n</section>\n");
    }

    private static string Side(TableColumn column) => column.RightAligned ? " class=\"r\"" : "";

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
