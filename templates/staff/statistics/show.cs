<?cs include:"macros.cs" ?><?cs include:"_chart.cs" ?><?cs set:Title = "统计：" + Label ?><?cs

def:sheet(s) ?><table class="list data figures<?cs if:View == "refusals" ?> worded<?cs /if ?>"><caption><?cs var:s.Caption ?></caption>
<thead><tr><?cs each:column = s.Header ?><th scope="col"><?cs var:column.Text ?><?cs /each ?>
<tbody>
<?cs each:row = s.Rows ?><tr><th scope="row" class="wrap"><?cs var:row.Head ?><?cs each:cell = row.Cells ?><td data-as="<?cs var:cell.As ?>"><?cs var:cell.Text ?><?cs /each ?>
<?cs /each ?></table>
<?cs /def ?><?cs

def:age() ?><form method="post" action="/staff/statistics/count" class="note actions"><?cs call:form_hidden() ?><span><?cs if:Counted ?>以下数字统计于 <?cs var:Counted ?><?cs if:Hours > #0 ?>（<?cs var:Hours ?> 小时前）<?cs /if ?>，每晚自动更新。<?cs else ?>尚未统计。<?cs /if ?><?cs if:Last.Running ?><?cs if:Counted ?>正在重新统计<?cs else ?>正在统计<?cs /if ?>：<?cs var:Last.Step ?> / <?cs var:Last.Steps ?>。<a href="/staff/statistics/<?cs var:View ?>">刷新</a><?cs elif:Last.State == "failed" ?>最近一次统计未能完成，请联系运维。<?cs /if ?></span><?cs if:!Last.Running ?><button class="button plain"><?cs if:Counted ?>重新统计<?cs else ?>立即统计<?cs /if ?></button><?cs /if ?></form>
<?cs /def ?><?cs

def:content() ?><?cs call:error_summary() ?><h1>统计</h1>
<nav class="pages tabs" aria-label="统计项目"><?cs each:view = Views ?><a href="/staff/statistics/<?cs var:view.Name ?>"<?cs if:view.Here ?> aria-current="page"<?cs /if ?>><?cs var:view.Label ?></a><?cs /each ?></nav>
<?cs call:age() ?><p class="lead"><?cs var:Lead ?></p>
<?cs if:!Counted ?><p class="empty">统计完成之后，此处显示图表和数字。</p>
<?cs else ?><?cs if:?Spans.0.Months ?><nav class="pages tabs" aria-label="月数"><?cs each:span = Spans ?><a href="/staff/statistics/<?cs var:View ?>?months=<?cs var:span.Months ?>"<?cs if:span.Here ?> aria-current="page"<?cs /if ?>><?cs var:span.Months ?> 个月</a><?cs /each ?></nav>
<?cs /if ?><?cs call:chart("chart", Chart) ?><?cs each:one = Sheets ?><?cs if:?one.Rows.0.Head ?><?cs call:sheet(one) ?><?cs else ?><p class="empty"><?cs var:one.Caption ?>：没有数据。</p>
<?cs /if ?><?cs /each ?><?cs call:pages(First, Next) ?><p class="actions"><a href="/staff/statistics/<?cs var:View ?>/export<?cs if:?Spans.0.Months ?>?months=<?cs var:Months ?><?cs /if ?>">导出本页数字（CSV）</a></p>
<?cs /if ?><p class="quiet"><a href="/help/staff-statistics">操作手册：统计</a></p>
<?cs /def ?><?cs include:"layout.cs" ?>
