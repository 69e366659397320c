using UmmRm.Figures;

namespace UmmRm.Reports;

/// <summary>The page's style sheet and its script: bright and dark, wide and narrow, screen and paper; nothing comes from elsewhere.</summary>
internal static class ReportStyle
{
    public static string Css { get; } = $$$"""
        :root{--text:{{{Palette.Text.Light}}};--muted:{{{Palette.Muted.Light}}};--line:{{{Palette.Grid.Light}}};--page:{{{Palette.Surface.Light}}};--card:#f6f7f9;--shade:#c3c9d1;--mark:#0072b2;color-scheme:light dark}
        *{box-sizing:border-box}
        body{margin:0;background:var(--page);color:var(--text);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;-webkit-text-size-adjust:100%}
        main{max-width:1180px;margin:0 auto;padding:28px 20px 80px}
        h1{font-size:1.7rem;line-height:1.2;margin:0 0 .3em}
        h2{font-size:1.25rem;margin:2.6em 0 .5em;padding-top:.6em;border-top:1px solid var(--line)}
        h3{font-size:1rem;margin:1.8em 0 .2em}
        p{margin:.4em 0 .8em;max-width:72ch}
        [id^=found]>.lead{font-size:1.2rem;line-height:1.5;max-width:66ch;border-left:4px solid var(--mark);padding-left:.9em;margin:1em 0}
        .muted,figcaption,.facts{color:var(--muted);font-size:.88rem}
        figcaption{max-width:84ch;margin-bottom:.6em}
        .facts{display:flex;flex-wrap:wrap;gap:.2em 1.6em;margin:.8em 0;padding:0;list-style:none}
        .facts b{color:var(--text);font-weight:600}
        .status{display:inline-block;border:1px solid var(--line);border-radius:99px;padding:.15em .8em;font-size:.82rem;font-weight:400;color:var(--muted);vertical-align:middle;margin-left:.3em}
        nav{display:flex;flex-wrap:wrap;gap:.2em 1.2em;margin:1em 0;font-size:.92rem}
        a{color:var(--mark)}
        figure{margin:1.4em 0 0;max-width:1040px}
        figure svg{width:100%;height:auto;display:block;overflow:visible}
        .narrow{display:none}
        .scroll{overflow-x:auto;margin:.6em 0;background:linear-gradient(to left,var(--page) 16px,transparent) right/48px 100% no-repeat local,linear-gradient(to left,var(--shade),transparent) right/14px 100% no-repeat scroll}
        table{border-collapse:collapse;font-size:.86rem;font-variant-numeric:tabular-nums}
        th,td{padding:.32em .8em .32em 0;text-align:left;white-space:nowrap;border-bottom:1px solid var(--line);vertical-align:top}
        th{color:var(--muted);font-weight:600;white-space:normal;vertical-align:bottom;line-height:1.3}
        tbody tr:hover td{background:var(--card)}
        th:first-child,td:first-child{position:sticky;left:0;background:var(--page);padding-right:.9em}
        .r{text-align:right}
        td.r,th.r{padding:.32em 0 .32em 1.1em}
        .samples{table-layout:fixed;width:100%}
        .samples td,.samples th{white-space:normal;padding-right:1.4em;overflow-wrap:anywhere}
        .samples th:first-child{width:15%}
        .samples td:first-child{color:var(--muted)}
        .score{display:block;color:var(--muted);font-size:.82em}
        details{margin:.8em 0}
        summary{cursor:pointer;color:var(--mark)}
        pre{background:var(--card);padding:1em;overflow-x:auto;font-size:.8rem;line-height:1.45;border-radius:6px}
        .pale [data-series]{opacity:.13;transition:opacity .12s}
        .pale [data-series].lit{opacity:1}
        #tip{position:fixed;pointer-events:none;background:var(--text);color:var(--page);padding:.25em .6em;border-radius:4px;font-size:.8rem;max-width:20em;display:none;z-index:9}
        @media (max-width:640px){.samples td:first-child{position:static}main{padding:18px 14px 60px}.wide{display:none}.narrow{display:block}h1{font-size:1.4rem}[id^=found]>.lead{font-size:1.08rem}.samples thead{display:none}.samples tr,.samples td{display:block;border:0;padding:.15em 0}.samples tr{border-bottom:1px solid var(--line);padding:.7em 0}.samples td[data-at]::before{content:attr(data-at) ": ";color:var(--muted)}}
        @media screen and (prefers-color-scheme:dark){:root{--text:{{{Palette.Text.Dark}}};--muted:{{{Palette.Muted.Dark}}};--line:{{{Palette.Grid.Dark}}};--page:{{{Palette.Surface.Dark}}};--card:#1c2128;--shade:#4a535e;--mark:#6cb8f0}
        {{{SvgWriter.DarkRules}}}
        }
        @media print{:root{color-scheme:light}body{font-size:10.5pt}main{max-width:none;padding:0}nav,#tip{display:none}figure,tr{break-inside:avoid}h2,h3,summary{break-after:avoid}.scroll{overflow:visible;background:none}table{font-size:7.4pt}th,td{padding-right:.5em}td.r,th.r{padding-left:.5em}pre{white-space:pre-wrap;font-size:6pt;line-height:1.3;columns:3;padding:.6em;background:none}a{color:inherit;text-decoration:none}.samples td{font-size:8pt}.wide{display:block}.narrow{display:none}@page{margin:14mm}}
        """.ReplaceLineEndings("\n");

    /// <summary>Tips at the pointer, the series under it brought out, and everything unfolded for paper. The page is whole without it.</summary>
    public const string Script = """
        (function(){var tip=document.getElementById('tip');
        function over(e){var t=e.target.closest?e.target.closest('[data-tip],[data-series]'):null,svg=t&&t.closest('svg');
        document.querySelectorAll('svg.pale').forEach(function(s){if(s!==svg||!t.dataset.series)s.classList.remove('pale')});
        if(!t||!svg){tip.style.display='none';return}
        if(t.dataset.series){svg.classList.add('pale');svg.querySelectorAll('[data-series]').forEach(function(m){m.classList.toggle('lit',m.dataset.series===t.dataset.series)})}
        if(t.dataset.tip){tip.textContent=t.dataset.tip;tip.style.display='block';tip.style.left=Math.min(e.clientX+14,innerWidth-tip.offsetWidth-8)+'px';tip.style.top=Math.max(4,e.clientY-tip.offsetHeight-10)+'px'}else tip.style.display='none'}
        document.addEventListener('pointermove',over);
        addEventListener('beforeprint',function(){document.querySelectorAll('details').forEach(function(d){d.open=true})})})();
        """;
}
