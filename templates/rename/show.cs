<?cs include:"macros.cs" ?><?cs set:Title = "企业名称变更" ?><?cs def:content() ?><p class="back"><a href="/transfer/">返回电子证书变更</a></p>
<h1>企业名称变更</h1>
<?cs if:Running ?><p class="note">本企业的名称变更正在办理：<a href="/matters/<?cs var:Running ?>"><?cs var:Running ?></a>。办理在后台进行，可以关闭浏览器。</p>
<?cs elif:?Rows.0.Id ?><p class="lead">以下有效证书上的企业名称与登记的名称不同，将一并更名。证书编号和有效期不变，原文件作废。</p>
<?cs /if ?><dl class="facts"><?cs call:fact("企业登记名称", Firm.Name) ?><?cs if:Count > #0 ?><?cs if:More ?><?cs call:fact("待更名证书", Count + " 本以上，确认时显示总数") ?><?cs else ?><?cs call:fact("待更名证书", Count + " 本") ?><?cs /if ?><?cs /if ?></dl>
<?cs if:?Rows.0.Id && !Running ?><p class="note">登记名称有误的，请不要变更，请先在企业登记中更正。</p>
<?cs /if ?><?cs if:?Rows.0.Id ?><table class="list data"><caption>待更名的证书<?cs if:More ?>（以下是其中 <?cs var:Count ?> 本）<?cs /if ?></caption>
<thead><tr><th scope="col">证书编号<th scope="col">姓名<th scope="col">类别<th scope="col">有效期至
<tbody>
<?cs each:row = Rows ?><tr><th scope="row"><a href="/certificates/<?cs var:row.Id ?>"><?cs var:row.Number ?></a><td data-as="姓名"><?cs var:row.Name ?><td data-as="类别"><?cs var:row.Class ?><td data-as="有效期至"><?cs var:row.Until ?>
<?cs /each ?></table>
<?cs if:!Running ?><form action="/rename/confirm" class="actions" data-dialog><button class="button">确认变更</button><a class="button plain" href="/transfer/">返回</a></form>
<?cs /if ?><?cs elif:!Running ?><h2>目前不需要或不能变更</h2>
<?cs call:findings(Findings) ?><?cs /if ?><?cs if:!Running ?><?cs call:passed("已满足的条件", Passed) ?><?cs /if ?><?cs /def ?><?cs include:"layout.cs" ?>
