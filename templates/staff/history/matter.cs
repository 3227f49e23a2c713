<?cs include:"macros.cs" ?><?cs set:Title = Matter.Item + " " + Matter.Number ?><?cs def:content() ?><p class="back"><a href="/staff/search/">返回综合查询</a></p>
<h1><?cs var:Matter.Item ?>　<?cs call:progress(Matter) ?></h1>
<dl class="facts"><?cs call:fact("事项编号", Matter.Number) ?><div><dt>企业<dd><a href="/staff/enterprises/<?cs var:Matter.FirmId ?>"><?cs var:Matter.Firm ?></a></div>
<?cs call:fact("统一社会信用代码", Matter.Code) ?><?cs if:Matter.Enterprise && Matter.Enterprise != Matter.Firm ?><?cs call:fact("当时的名称", Matter.Enterprise) ?><?cs /if ?><?cs if:Matter.Name ?><div><dt>姓名<dd><?cs if:Matter.Person > #0 ?><a href="/staff/history/people/<?cs var:Matter.Person ?>"><?cs var:Matter.Name ?></a><?cs else ?><?cs var:Matter.Name ?><?cs /if ?></div>
<?cs /if ?><?cs call:fact("证书本数", Matter.Items) ?><?cs if:Matter.Reason ?><?cs call:fact("原因", Matter.Reason) ?><?cs /if ?><?cs if:Matter.Province ?><?cs call:fact("转往省市", Matter.Province) ?><?cs /if ?><?cs call:fact("申请时间", Matter.Opened) ?><?cs if:Matter.Closed ?><?cs call:fact("办结时间", Matter.Closed) ?><?cs /if ?></dl>
<?cs if:?Rows.0.Id ?><table class="list data"><caption>本事项涉及的证书，现在的状态</caption>
<thead><tr><th scope="col">证书编号<th scope="col">姓名<th scope="col">类别<th scope="col">有效期至<th scope="col">证书状态<th scope="col">版本
<tbody>
<?cs each:row = Rows ?><tr><th scope="row"><a href="/staff/history/certificates/<?cs var:row.Id ?>"><?cs var:row.Number ?></a><td data-as="姓名"><?cs var:row.Name ?><td data-as="类别"><?cs var:row.Class ?><td data-as="有效期至"><?cs var:row.Until ?><td data-as="证书状态"><?cs call:state(row) ?><td data-as="版本"><?cs var:row.Version ?><?cs if:row.Child == "failed" ?><br><b class="wrong">没有办理</b><?cs if:row.Cause ?><br><?cs var:row.Cause ?><?cs /if ?><?cs elif:row.Child == "waiting" ?><br>等待办理<?cs /if ?>
<?cs /each ?></table>
<?cs /if ?><?cs call:pages(First, Next) ?><?cs call:verdicts(Refused.Subjects) ?><p class="quiet"><a href="/help/staff-search">操作手册：综合查询与历史</a></p>
<?cs /def ?><?cs include:"layout.cs" ?>
